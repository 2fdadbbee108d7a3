"""Devices that are not there: tensors that say they are on one and are on the CPU.

They refuse what GPUs refuse: to meet tensors of the CPU, and to become arrays. Apple's (`MPS`) have
no double precision; NVIDIA's (`CUDA`) want the states and the weights of recurrent networks in one
piece of memory each, and compute them in fp16 under autocast, whatever it is asked for. So code
which forgets that fails without a GPU. Gradients are those of the tensors on the CPU.
"""

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_flatten, tree_map

MPS = torch.device("mps", 0)
CUDA = torch.device("cuda", 0)

INDEXING = {torch.Tensor.__getitem__, torch.Tensor.__setitem__}
"""What takes indices from the CPU, too."""

JOINING = {torch.cat, torch.stack}
"""What takes not even a number from the CPU; other operations do."""


class Elsewhere(torch.Tensor):
    """A tensor on a device, `there`; `here` has its values."""

    @staticmethod
    def __new__(cls, here, there):
        return torch.Tensor._make_wrapper_subclass(
            cls, here.shape, strides=here.stride(), dtype=here.dtype, device=there
        )

    def __init__(self, here, there):
        self.here = here
        self.there = there

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return _do(func, args, kwargs or {})

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        raise AssertionError(f"{func} has gone past the device")


class Device(TorchFunctionMode):
    """Makes what is asked for on a device, while it is entered.

    Attributes:
        there: the device.
        waited: how many times somebody has waited until it had done all.
    """

    def __init__(self, there):
        self.there = there
        self.waited = 0

    def __enter__(self):
        self._synchronize = torch.accelerator.synchronize
        torch.accelerator.synchronize = self._wait
        return super().__enter__()

    def __exit__(self, *error):
        torch.accelerator.synchronize = self._synchronize
        return super().__exit__(*error)

    def _wait(self, device):
        assert torch.device(device) == self.there
        self.waited += 1

    def __torch_function__(self, func, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        if torch.device(kwargs.get("device") or "cpu").type == self.there.type:
            kwargs["device"] = "cpu"
            made = _do(func, args, kwargs, made_there=True)
            return Elsewhere(made, self.there)
        return _do(func, args, kwargs)


def move(module, there):
    """Move the parameters and buffers of a module, as `to` would."""
    for part in module.modules():
        if isinstance(part, torch.nn.RNNBase):
            _flatten(part)
        for tensors in (part._parameters, part._buffers):
            for name, tensor in tensors.items():
                if tensor is not None:
                    tensors[name] = Elsewhere(tensor, there)
        if isinstance(part, torch.nn.RNNBase):
            part._flat_weights = [getattr(part, name) for name in part._flat_weights_names]
    return module


def _flatten(rnn):
    """Put all weights into one piece of memory, as torch does on a GPU."""
    weights = [getattr(rnn, name) for name in rnn._flat_weights_names]
    flat = torch.cat([weight.detach().flatten() for weight in weights])
    pieces = torch.split(flat, [weight.numel() for weight in weights])
    for weight, piece in zip(weights, pieces, strict=True):
        weight.data = piece.view_as(weight)


def _do(func, args, kwargs, made_there=False):
    """Compute here what is asked of tensors elsewhere."""
    tensors = _tensors((args, kwargs))
    elsewhere = [tensor for tensor in tensors if isinstance(tensor, Elsewhere)]
    if func is torch.Tensor.to:
        return _to(*args, **kwargs)
    if not elsewhere:
        return func(*args, **kwargs)
    there = elsewhere[0].there
    if func == torch.Tensor.device.__get__:
        return args[0].there
    if func is torch.Tensor.cpu:
        return elsewhere[0].here.clone()
    if func in (torch.Tensor.numpy, torch.Tensor.__array__):
        raise TypeError("a tensor elsewhere is no array: bring it to the CPU")
    if func in INDEXING:
        _refuse_indices_apart(func, args)
    elif not made_there:
        here = [tensor for tensor in tensors if not isinstance(tensor, Elsewhere)]
        if any(func in JOINING or tensor.dim() > 0 for tensor in here):
            raise RuntimeError(f"{func.__name__}: tensors on the CPU and elsewhere")
    if there == CUDA and func in (torch.lstm, torch.gru, torch._VF.lstm, torch._VF.gru):
        _refuse_what_cudnn_refuses(args)
    result = func(*tree_map(_here, args), **tree_map(_here, kwargs))
    _refuse_double(result, there)
    changed = {id(tensor.here): tensor for tensor in elsewhere}  # in place
    return tree_map(
        lambda value: (
            changed.get(id(value), Elsewhere(value, there))
            if isinstance(value, torch.Tensor)
            else value
        ),
        result,
    )


def _refuse_indices_apart(func, args):
    """Refuse indices elsewhere of a tensor here, and what is put where indices say from here."""
    indexed, index, *values = args
    if not isinstance(indexed, Elsewhere) and any(
        isinstance(tensor, Elsewhere) for tensor in _tensors(index)
    ):
        raise RuntimeError("indices elsewhere of a tensor on the CPU")
    by_tensors = any(tensor.dim() > 0 for tensor in _tensors(index))
    if func is torch.Tensor.__setitem__ and by_tensors:
        for value in _tensors(values):
            if value.dim() > 0 and isinstance(value, Elsewhere) != isinstance(indexed, Elsewhere):
                raise RuntimeError("values on the CPU and elsewhere")


def _refuse_double(result, there):
    """Refuse what Apple's GPUs refuse."""
    if there == MPS and any(tensor.dtype == torch.float64 for tensor in _tensors(result)):
        raise TypeError("a tensor in double precision elsewhere, where there is none")


def _refuse_what_cudnn_refuses(args):
    """Refuse states and weights in pieces; torch would copy the latter at each call, and warn."""
    _, states, weights = args[:3]
    if not all(state.is_contiguous() for state in _tensors(states)):
        raise RuntimeError("rnn: hx is not contiguous")
    place, here = 0, [weight.here for weight in weights]
    for weight in here:
        alike = weight.untyped_storage().data_ptr() == here[0].untyped_storage().data_ptr()
        if not alike or weight.storage_offset() != place:
            raise RuntimeError("rnn: the weights are not in one piece of memory")
        place += weight.numel()
    if torch.is_autocast_enabled("cuda"):
        raise RuntimeError("rnn: under autocast this is computed in fp16")


def _to(tensor, *args, device=None, dtype=None, **kwargs):
    """Move a tensor, or change its type, as `Tensor.to` does."""
    place = tensor.there if isinstance(tensor, Elsewhere) else torch.device("cpu")
    for asked in (*args, device, dtype):
        if isinstance(asked, torch.Tensor):
            place, dtype = asked.device, asked.dtype
        elif isinstance(asked, str | torch.device):
            place = torch.device(asked)
        elif isinstance(asked, torch.dtype):
            dtype = asked
    moved = torch.Tensor.to(_here(tensor), dtype=dtype or tensor.dtype, **kwargs)
    if place.type == "cpu":
        return moved
    _refuse_double(moved, place)
    return Elsewhere(moved, place)


def _tensors(values):
    return [value for value in tree_flatten(values)[0] if isinstance(value, torch.Tensor)]


def _here(value):
    return value.here if isinstance(value, Elsewhere) else value
