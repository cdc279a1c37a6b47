"""The job that gives the jobs of dead workers to living ones."""

from __future__ import annotations

from procrastinate import JobContext
from procrastinate.contrib.django import app


@app.periodic(cron="* * * * *")
@app.task(name="retry_stalled", queue="checks", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  (procrastinate says when)
    """Each minute: begin again what a worker left when it was killed, once its heart has not beaten for 30 seconds.

    Nothing else would: such a job stands as being done for ever. Every job of the platform may be run twice.
    """
    jobs = context.app.job_manager
    for job in await jobs.get_stalled_jobs():
        await jobs.retry_job(job)
