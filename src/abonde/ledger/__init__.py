"""The books: double entry, append-only, whole cents. docs/design/ledger.md is the specification."""
