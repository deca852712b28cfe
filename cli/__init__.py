"""The `courant` command: a module for each group of commands."""
