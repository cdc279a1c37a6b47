"""The platform's settings as the tests and the type checker read them."""

import os

os.environ.setdefault("ABONDE_MODE", "tests")

from abonde.config.settings import *
