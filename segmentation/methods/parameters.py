"""What can be set on a method: one declaration drives forms, command line and checks."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real

Value = int | float | str


@dataclass(frozen=True)
class Parameter:
    """One parameter of a method.

    A parameter with `choices` is chosen from them; otherwise the type of `default` decides, and
    `minimum` and `maximum` bound it (both allowed). Words in `special` are allowed beside numbers;
    the first of them is what the dashboard proposes.
    """

    name: str
    label: str
    default: Value
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = False
    special: tuple[str, ...] = ()

    @property
    def proposal(self) -> Value:
        """What a form shows first."""
        return self.special[0] if self.special else self.default

    def check(self, value: object) -> None:
        """Raise ValueError with rule, value received and cure if `value` is not allowed."""
        if isinstance(value, str) and value in self.special:
            return
        problem = self._problem(value)
        if problem:
            problem = " or ".join([problem, *map(repr, self.special)])
            raise ValueError(
                f"{self.name} must be {problem}; got {value!r}. "
                f"The default, {self.default!r}, is a safe choice."
            )

    def _problem(self, value: object) -> str | None:
        if self.choices:
            return None if value in self.choices else f"one of {', '.join(self.choices)}"
        whole = isinstance(self.default, int)
        kind = "a whole number" if whole else "a number"
        right_type = isinstance(value, Integral if whole else Real) and not isinstance(value, bool)
        low = self.minimum is not None and right_type and value < self.minimum
        high = self.maximum is not None and right_type and value > self.maximum
        if right_type and value == value and not low and not high:
            return None
        if self.minimum is not None and self.maximum is not None:
            return f"{kind} from {self.minimum:g} to {self.maximum:g}"
        return f"{kind} of at least {self.minimum:g}" if self.minimum is not None else kind


@dataclass(frozen=True)
class MethodSpec:
    """Name, words and parameters of a method.

    `key` names the method in files, addresses and options; `icon` is a Material symbol name.
    A method is `soft` if a customer may belong to several segments.
    """

    key: str
    title: str
    summary: str
    icon: str
    parameters: tuple[Parameter, ...]
    soft: bool = True

    @property
    def proposals(self) -> dict[str, Value]:
        """What the dashboard proposes for every parameter."""
        return {parameter.name: parameter.proposal for parameter in self.parameters}

    def check(self, values: dict[str, object]) -> None:
        """Check every given value; parameters that are not given keep their defaults."""
        for parameter in self.parameters:
            if parameter.name in values:
                parameter.check(values[parameter.name])


N_CLUSTERS = Parameter(
    "n_clusters", "Segments", 4, "How many segments to form.", minimum=2, maximum=12
)
SEED = Parameter(
    "seed",
    "Seed",
    42,
    "The same seed gives the same segments.",
    minimum=0,
    maximum=2**31 - 1,
    advanced=True,
)
