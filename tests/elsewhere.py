"""A device that is not there: tensors that say they are on it and are on the CPU.

They refuse what GPUs refuse: to meet tensors of the CPU, to become arrays, double precision, and
states of recurrent networks that do not lie in one piece. So code which forgets that fails without
one. Gradients are those of the tensors on the CPU.
"""

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_map

ELSEWHERE = torch.device("mps", 0)

INDEXING = {torch.Tensor.__getitem__, torch.Tensor.__setitem__}
"""What takes indices from the CPU, too."""


class Elsewhere(torch.Tensor):
    """A tensor on the device; `here` has its values."""

    @staticmethod
    def __new__(cls, here):
        return torch.Tensor._make_wrapper_subclass(
            cls, here.shape, strides=here.stride(), dtype=here.dtype, device=ELSEWHERE
        )

    def __init__(self, here):
        self.here = here

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return _do(func, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise AssertionError(f"{func} has gone past the device")


class Device(TorchFunctionMode):
    """Makes what is asked for on the device, while it is entered."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if torch.device(kwargs.get("device") or "cpu").type == ELSEWHERE.type:
            kwargs["device"] = "cpu"
            return Elsewhere(_do(func, args, kwargs, made_elsewhere=True))
        return _do(func, args, kwargs)


def move(module):
    """Move the parameters and buffers of a module, as `to` would."""
    for part in module.modules():
        for tensors in (part._parameters, part._buffers):
            for name, tensor in tensors.items():
                if tensor is not None:
                    tensors[name] = Elsewhere(tensor)
        if hasattr(part, "_flat_weights"):
            part._flat_weights = [getattr(part, name) for name in part._flat_weights_names]
    return module


def _do(func, args, kwargs, made_elsewhere=False):
    """Compute here what is asked of tensors elsewhere."""
    tensors = [v for v in tree_flatten((args, kwargs))[0] if isinstance(v, torch.Tensor)]
    elsewhere = [tensor for tensor in tensors if isinstance(tensor, Elsewhere)]
    if func is torch.Tensor.to:
        return _to(*args, **kwargs)
    if not elsewhere:
        return func(*args, **kwargs)
    if func == torch.Tensor.device.__get__:
        return ELSEWHERE
    if func is torch.Tensor.cpu:
        return elsewhere[0].here.clone()
    if func in (torch.Tensor.numpy, torch.Tensor.__array__):
        raise TypeError("a tensor elsewhere is no array: bring it to the CPU")
    apart = any(tensor.dim() > 0 for tensor in tensors if not isinstance(tensor, Elsewhere))
    if apart and func not in INDEXING and not made_elsewhere:
        raise RuntimeError(f"{func.__name__}: tensors on the CPU and elsewhere")
    if func in (torch.lstm, torch.gru) or func is torch._VF.lstm or func is torch._VF.gru:
        _refuse_loose_states(args)
    result = func(*tree_map(_here, args), **tree_map(_here, kwargs))
    _refuse_double(result)
    changed = {id(tensor.here): tensor for tensor in elsewhere}  # in place
    return tree_map(
        lambda value: (
            changed.get(id(value), Elsewhere(value)) if isinstance(value, torch.Tensor) else value
        ),
        result,
    )


def _refuse_double(result):
    """Refuse what Apple's GPUs refuse."""
    if any(v.dtype == torch.float64 for v in tree_flatten(result)[0] if torch.is_tensor(v)):
        raise TypeError("a tensor in double precision elsewhere, where there is none")


def _refuse_loose_states(args):
    """Refuse what cuDNN refuses: initial states that do not lie in one piece."""
    states = [v for v in tree_flatten(args[1])[0] if isinstance(v, torch.Tensor)]
    if not all(state.is_contiguous() for state in states):
        raise RuntimeError("rnn: hx is not contiguous")


def _to(tensor, *args, device=None, dtype=None, **kwargs):
    """Move a tensor, or change its type, as `Tensor.to` does."""
    place = ELSEWHERE if isinstance(tensor, Elsewhere) else torch.device("cpu")
    for asked in (*args, device, dtype):
        if isinstance(asked, torch.Tensor):
            place, dtype = asked.device, asked.dtype
        elif isinstance(asked, str | torch.device):
            place = torch.device(asked)
        elif isinstance(asked, torch.dtype):
            dtype = asked
    moved = torch.Tensor.to(_here(tensor), dtype=dtype or tensor.dtype, **kwargs)
    if place.type != ELSEWHERE.type:
        return moved
    _refuse_double(moved)
    return Elsewhere(moved)


def _here(value):
    return value.here if isinstance(value, Elsewhere) else value
