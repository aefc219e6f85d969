"""The README's words are true: snippets run, commands and options exist."""

import os
import re
from pathlib import Path

import pytest
import typer

from segmentation.__main__ import app
from segmentation.methods.registry import METHODS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.split("\n")[0][:40])
def test_snippets_run_word_for_word(snippet, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(snippet, {})


def test_the_published_interface_is_kept_word_for_word():
    published = ROOT / "tests" / "golden" / "published_interface.txt"
    assert SNIPPETS[0] == published.read_text(encoding="utf-8")


def test_the_published_interface_gives_what_it_promises(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    exec(SNIPPETS[0], names)
    assert re.fullmatch(r"High Confidence Customers: \d+\.\d%\n", capsys.readouterr().out)
    assert names["membership_matrix"].shape == names["probabilities"].shape == (500, 4)
    customers = names["customer_data"]
    promised = {
        "fuzzy_model": {"partition_coefficient", "partition_entropy"},
        "neural_model": {"reconstruction_error"},
        "gmm_model": {"bic", "aic", "log_likelihood", "davies_bouldin_index",
                      "calinski_harabasz_score", "converged"},
    }  # fmt: skip
    for model, metrics in promised.items():
        assert metrics | {"silhouette_score"} <= set(names[model].evaluate(customers))
    for profile in names["enriched_profiles"].values():
        assert profile["segment_name"]
        assert profile["description"]
        assert profile["interaction_strategies"]
        assert {"size", "percentage", "averages"} <= set(profile["characteristics"])
    assert (tmp_path / "customer_segments_for_ai.json").exists()


def test_the_test_command_is_what_the_checks_run():
    command = next(line for line in README.splitlines() if line.endswith("/pytest"))
    script = ROOT / ".ci" / "run"
    assert command in script.read_text(encoding="utf-8").splitlines()
    assert os.access(script, os.X_OK)


def test_every_command_option_and_method_is_documented():
    for name, command in typer.main.get_command(app).commands.items():
        section = README.split(f"`python -m segmentation {name}`")[1].split("\n`python")[0]
        for parameter in command.params:
            word = parameter.opts[0] if parameter.opts[0].startswith("-") else "FILE"
            assert f"| `{word}` |" in section, f"{name} {word}"
    for key, method in METHODS.items():
        assert f"| `{method.__name__}` | `{key}` |" in README


def test_linked_files_exist():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
