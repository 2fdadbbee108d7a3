"""What is optimised: the negative ELBO or another bound, and the control of the rate."""

from lexbits.objectives.training_objective import Terms, TrainingObjective, make_estimator, rate

__all__ = ["Terms", "TrainingObjective", "make_estimator", "rate"]
