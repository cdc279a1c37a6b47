"""`python -m abonde.config …`: Django's commands, for the processes that `abonde serve` starts."""

import sys

from django.core.management import execute_from_command_line

from abonde.config.run import prepare

prepare()
execute_from_command_line(["python -m abonde.config", *sys.argv[1:]])
