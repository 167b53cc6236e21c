from __future__ import annotations

from pathlib import Path

import pytest
from torch import nn

from retint.errors import WeightsError
from retint.training.networks.registry import build_network
from retint.training.pretrained import load_fitting
from retint.training.recipe import RecipeError, read_recipe, whole_recipe

RECIPES = Path(__file__).parents[2] / "recipes"


@pytest.mark.parametrize("path", sorted(RECIPES.rglob("*.toml")), ids=lambda p: p.stem)
def test_every_recipe_of_the_project_can_be_used(path: Path) -> None:
    recipe = read_recipe(path)
    size = build_network(recipe).size
    assert all(size.accepts(stage.size) for stage in recipe.stages)


@pytest.mark.parametrize("option", [1, 2, 3])
def test_published_recipes_say_what_was_published(option: int) -> None:
    recipe = read_recipe(RECIPES / "published" / f"unet-option{option}-published.toml")
    assert recipe.options == {"option": option}
    assert {stage.size for stage in recipe.stages} == {224 if option == 3 else 150}
    assert (recipe.optimizer.learning_rate, recipe.optimizer.batch) == (1e-3, 32)
    assert (recipe.seed, recipe.data.held_out) == (42, 0.2)
    schedule = recipe.schedule
    assert (schedule.kind, schedule.factor, schedule.patience) == ("plateau", 0.35, 3)
    assert (schedule.stop_after, schedule.improvement) == (15, 1e-4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("network = 'unet'", "at least one"),
        ("[[stages]]\nsize = 16\nepochs = 1", "lacks network"),
        ("network = 'unet'\nlearning = 1\n[[stages]]\nsize = 16\nepochs = 1", "'learning'"),
        ("network = 'unet'\n[data]\ncrop = 'all'\n[[stages]]\nsize = 16\nepochs = 1", "crop"),
        ("network = 'unet'\nseed = true\n[[stages]]\nsize = 16\nepochs = 1", "seed"),
        (
            "network = 'guided-unet'\n[optimizer]\nonly_hints = true\nweight_decay = 0.1\n"
            "[[stages]]\nsize = 16\nepochs = 1",
            "weight_decay",
        ),
        (
            "network = 'unet'\n[schedule]\nkind = 'sine'\n[[stages]]\nsize = 16\nepochs = 1",
            "cosine",
        ),
        ("network = 'unet'\n[[stages]]\nsize = 16\nepochs = 0", "epochs"),
        ("network = ", "Invalid|value"),
    ],
)
def test_wrong_recipes_get_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_missing_recipe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="No such file"):
        read_recipe(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("network", "options", "message"),
    [("vnet", "{}", "known: unet"), ("unet", "{ option = 9 }", "1, 2 or 3"),
     ("unet", "{ depth = 9 }", "depth")],
)  # fmt: skip
def test_unknown_networks_and_options_are_refused(
    tmp_path: Path, network: str, options: str, message: str
) -> None:
    path = tmp_path / "r.toml"
    path.write_text(
        f"network = '{network}'\noptions = {options}\n[[stages]]\nsize = 16\nepochs = 1"
    )
    with pytest.raises(RecipeError, match=message):
        build_network(read_recipe(path))


def test_stages_follow_one_another(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    stages = "".join(f"[[stages]]\nsize = {s}\nepochs = {e}\n" for s, e in ((16, 2), (32, 1)))
    path.write_text(f"network = 'unet'\n{stages}")
    recipe = read_recipe(path)
    assert [recipe.stage(epoch).size for epoch in range(recipe.epochs)] == [16, 16, 32]
    assert [recipe.at_new_size(epoch) for epoch in range(3)] == [True, False, True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stages = 5", "stages must be tables"),
        ("stages = [5]", "stages must be a table, not 5"),
        (
            "[[stages]]\nsize = 16\nepochs = 1\n[optimizer]\nbatch = 0",
            "batch of the optimizer must be 1 or more",
        ),
        ("[[stages]]\nsize = 16\nepochs = 1\n[optimizer]\nlearning_rate = nan", "finite"),
        ("[[stages]]\nsize = 16\nepochs = 1\n[optimizer]\nlearning_rate = -1.0", "0 or more"),
        ("losses = 3\n[[stages]]\nsize = 16\nepochs = 1", "losses must be a table, not 3"),
    ],
)
def test_values_out_of_range_are_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(f"network = 'unet'\n{text}")
    with pytest.raises(RecipeError, match=message):
        read_recipe(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[data]\nemphasis = [1]\n", "emphasis in data must be a table"),
        ("options = [1]\n", "options in the top level must be a table"),
        (f"seed = {'9' * 5000}\n", "digits"),
        ("x = " + "[" * 100_000, "recursion"),
    ],
)
def test_invalid_recipes_are_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "r.toml"
    top = "" if text.startswith("[") else text
    tables = "[[stages]]\nsize = 16\nepochs = 1\n" + ("" if top else text)
    path.write_text(f"network = 'unet'\n{top}{tables}")
    with pytest.raises(RecipeError, match=said) as found:
        read_recipe(path)
    assert "\n" not in str(found.value)


def test_invalid_names_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="pretrained weights"):
        load_fitting(nn.Linear(1, 1), tmp_path / "a\0b")


BASE = "network = 'unet'\nseed = 1\n[losses]\nmse = 1.0\n[[stages]]\nsize = 16\nepochs = 1\n"


def derived(folder: Path, text: str) -> Path:
    """A recipe in a folder beside that of its base."""
    (folder / "base.toml").write_text(BASE)
    path = folder / "deeper" / "own.toml"
    path.parent.mkdir()
    path.write_text(f"base = '../base.toml'\n{text}")
    return path


def test_a_recipe_changes_keys_of_its_base_and_keeps_the_others(tmp_path: Path) -> None:
    path = derived(tmp_path, "seed = 2\n[losses]\nl1 = 0.5\n[optimizer]\nbatch = 4")
    recipe = read_recipe(path)
    assert (recipe.network, recipe.seed, recipe.optimizer.batch) == ("unet", 2, 4)
    assert recipe.losses.weights() == {"mse": 1.0, "l1": 0.5}
    assert [stage.size for stage in recipe.stages] == [16]


def test_the_stages_of_a_recipe_replace_those_of_its_base(tmp_path: Path) -> None:
    path = derived(tmp_path, "[[stages]]\nsize = 32\nepochs = 2")
    assert [(stage.size, stage.epochs) for stage in read_recipe(path).stages] == [(32, 2)]


def test_a_whole_recipe_needs_no_base(tmp_path: Path) -> None:
    path = derived(tmp_path, "seed = 2")
    alone = tmp_path / "alone.toml"
    alone.write_text(whole_recipe(path))
    (tmp_path / "base.toml").unlink()
    assert read_recipe(alone).seed == 2
    assert read_recipe(alone).network == "unet"


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("'own.toml'", "cannot be its own base"),
        ("'none.toml'", "none.toml: No such file"),
        ("3", "base must be a str, not 3"),
    ],
    ids=["itself", "missing", "number"],
)
def test_wrong_bases_get_one_line(tmp_path: Path, base: str, message: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(f"base = {base}")
    with pytest.raises(RecipeError, match=message) as caught:
        read_recipe(path)
    assert "\n" not in str(caught.value)
