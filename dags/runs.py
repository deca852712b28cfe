"""When runs are due, and how they are named."""


def cron_every(minutes: int) -> str:
    """A cron expression that is due every so many minutes, at round times of the day.

    Raises ValueError where no cron expression does that.
    """
    hours, rest = divmod(minutes, 60)
    if 0 < minutes < 60 and 60 % minutes == 0:
        return f"*/{minutes} * * * *"
    if hours and rest == 0 and 24 % hours == 0:
        return f"0 */{hours} * * *" if hours < 24 else "0 0 * * *"
    raise ValueError(
        f"an interval of {minutes} minutes divides neither the hour nor the day: take 5, 15, 30, 60, 120 …"
    )


def run_name(dag_id: str, run_id: str) -> str:
    """The run's id in the log and the spool: Airflow's own, with its DAG, so that the log leads back to the run.

    Run ids become file names; what does not belong there is replaced:
    `scheduled__2026-09-14T10:15:00+00:00` of news_live is `news_live.scheduled__2026-09-14T10-15-00Z`.
    """
    plain = run_id.replace("+00:00", "Z")
    return f"{dag_id}." + "".join(c if c.isascii() and (c.isalnum() or c in "_-.") else "-" for c in plain)
