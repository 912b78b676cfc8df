"""Everything `make` does before the application itself runs: packages, catalogues, bundles, starting and stopping."""
