"""What may stand in the log: event types, ids, versions. Imports nothing else of this project.

`world` holds the types of the event catalogue, `facts` the pipeline's own facts, `envelope` the row that carries
either, `ids` the identities, `export` the published JSON Schemas.
"""
