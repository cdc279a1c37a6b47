"""The sandbox provider's own pages, which stand for a bank's: no part of Abonde's."""
