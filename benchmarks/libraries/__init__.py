"""Adapters of `estimators.py`: a file for each library, and the toys they are tried on."""
