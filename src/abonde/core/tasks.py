"""The jobs that look after jobs: those of dead workers go to living ones, and those that are done are forgotten."""

from __future__ import annotations

from typing import Final

from procrastinate import JobContext
from procrastinate.contrib.django import app

KEPT_HOURS: Final = 24
"""How long a job that is done can still be looked at; one that failed stays."""


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled", queue="checks", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Each minute: begin again what a worker left when it was killed, once its heart has not beaten for 30 seconds.

    Nothing else would: such a job stands as being done for ever. Every job of the platform may be run twice.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.retry_job(job)


@app.periodic(cron="47 3 * * *")
@app.task(name="forget_done_jobs", queue="tidying", queueing_lock="forget_done_jobs", pass_context=True)
async def forget_done_jobs(context: JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Each night: drop the rows of jobs that were done a day ago. They name payments and letters, and only grow."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS)
