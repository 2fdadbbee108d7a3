"""What leaves a table and a figure: summaries, sweeps, baselines, comparisons, searches."""
