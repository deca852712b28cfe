"""A coder version that codes for the first time is activated: from then on its codings are the current ones."""

import json
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from schemas.envelope import Event, Origin
from schemas.facts import CoderActivated
from warehouse.log import Log, to_table

PRODUCER = "courant-append/1"


def with_activations(log: Log, batch: pa.Table, run_id: str, now: datetime) -> pa.Table:
    """`batch` with a `coder_activated` before it for each coder in it that the log has not seen."""
    payloads = batch.filter(pc.equal(batch["type"], "coding_completed"))["payload"].to_pylist()
    coders = {said["coder"]: said["coder_name"] for said in map(json.loads, payloads)}
    if not coders:
        return batch
    ranks = log.coder_ranks()
    rank = max(ranks.values(), default=0)
    events = []
    for coder, name in sorted(coders.items()):
        if coder not in ranks:
            rank += 1
            fact = CoderActivated(coder=coder, coder_name=name, rank=rank)
            events.append(Event.of_fact(fact, Origin(now, run_id, PRODUCER)))
    return pa.concat_tables([to_table(events), batch]) if events else batch
