"""The mechanism of co-funding: from gifts to an exact allocation of the complementary fund.

Pure: integers in, integers out. No database, no file, no clock, no third-party package.

    rules = read_rules({"preset": "guarded", "max_share": "none"})
    tally = tally_gifts(gifts, rules)
    allocation = allocate(projects=projects, tally=tally, pots=pots, rules=rules)
    allocation.matching["seed-bank"]        # cents that the fund adds
    explain(allocation, "seed-bank")        # why, pot by pot
    marginal_effect(allocation, "seed-bank", Cents(500))

`abonde.matching.live` keeps estimates up to date gift by gift; it alone uses NumPy and is imported by itself.
"""

from abonde.matching.allocation import Allocation, Limit, PotAllocation, allocate
from abonde.matching.amounts import LARGEST_GIFT, LARGEST_POT, Cents, cents_of_euros, euros_of_cents
from abonde.matching.explanation import Explanation, explain
from abonde.matching.marginal import EXAMPLE_GIFTS, MarginalEffect, difference, marginal_effect
from abonde.matching.pots import Earmark, Pot, Project, in_serving_order, reaching
from abonde.matching.refusal import Refusal, Refusals
from abonde.matching.roots import ROOT_BITS, SCALE, UNIT, root
from abonde.matching.rules import PRESETS, ClusterForm, Counting, Mechanism, Rules, Sharing
from abonde.matching.sharing import Shared, largest_remainder, share_out
from abonde.matching.statements import Statement, funder_statements
from abonde.matching.support import raw_support
from abonde.matching.tally import Gift, Groups, ProjectTally, Tally, tally_gifts, tally_project
from abonde.matching.written_rules import read_rules

__all__ = [
    "EXAMPLE_GIFTS",
    "LARGEST_GIFT",
    "LARGEST_POT",
    "PRESETS",
    "ROOT_BITS",
    "SCALE",
    "UNIT",
    "Allocation",
    "Cents",
    "ClusterForm",
    "Counting",
    "Earmark",
    "Explanation",
    "Gift",
    "Groups",
    "Limit",
    "MarginalEffect",
    "Mechanism",
    "Pot",
    "PotAllocation",
    "Project",
    "ProjectTally",
    "Refusal",
    "Refusals",
    "Rules",
    "Shared",
    "Sharing",
    "Statement",
    "Tally",
    "allocate",
    "cents_of_euros",
    "difference",
    "euros_of_cents",
    "explain",
    "funder_statements",
    "in_serving_order",
    "largest_remainder",
    "marginal_effect",
    "raw_support",
    "reaching",
    "read_rules",
    "root",
    "share_out",
    "tally_gifts",
    "tally_project",
]
