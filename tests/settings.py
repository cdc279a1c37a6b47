"""The platform's settings as the tests and the type checker read them."""

import os

os.environ.setdefault("ABONDE_MODE", "tests")

from abonde.config.settings import *

STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # as `abonde serve` does; whitenoise warns of a missing folder
