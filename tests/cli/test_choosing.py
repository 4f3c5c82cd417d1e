"""Which service is meant: by a profile, by the default one, or by variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ground

both = pytest.mark.parametrize("ground", [("waldur", "cloudtruth")], indirect=True)


@pytest.fixture
def profiles(ground: Ground) -> Path:
    """A file with a profile for each service, which takes the settings from other variables than the services' own."""
    path = ground.home / "config.toml"
    tables: list[str] = []
    for service, credential in (("waldur", "token"), ("cloudtruth", "api_key")):
        if service in ground.fakes:
            prefix = f"INVITE_{service}_".upper()
            ground.variables[f"{service}_secret".upper()] = ground.variables.pop(prefix + credential.upper())
            tables.append(
                f'[profiles.my-{service}]\nservice = "{service}"\nurl = "{ground.variables.pop(prefix + "URL")}"\n'
                f'{credential} = {{ env = "{service.upper()}_SECRET" }}\n'
            )
    path.write_text("\n".join(tables))
    ground.variables["INVITE_CONFIG"] = str(path)
    return path


def test_the_only_profile_is_meant(ground: Ground, profiles: Path) -> None:
    assert ground.run("count").out == "0\n"


@both
def test_several_profiles_must_be_told_apart(ground: Ground, profiles: Path) -> None:
    done = ground.run("count")

    assert done.code == 3
    assert "my-waldur, my-cloudtruth" in done.err


@both
@pytest.mark.parametrize("way", ["option", "variable", "default"])
def test_a_profile_is_named_by_option_variable_or_default(ground: Ground, profiles: Path, way: str) -> None:
    ground["cloudtruth"].invite("ana@example.com")
    named = ("--profile", "my-cloudtruth") if way == "option" else ()
    if way == "variable":
        ground.variables["INVITE_PROFILE"] = "my-cloudtruth"
    if way == "default":
        profiles.write_text('default = "my-cloudtruth"\n' + profiles.read_text())

    done = ground.run("list", "--fields", "service", *named)

    assert done.out.splitlines() == ["service", "cloudtruth"]


@both
def test_variables_are_meant_where_the_file_names_no_default(ground: Ground, profiles: Path) -> None:
    ground.variables["INVITE_WALDUR_URL"] = ground["waldur"].base_url
    ground.variables["INVITE_WALDUR_TOKEN"] = ground.variables["WALDUR_SECRET"]

    assert ground.run("count").code == 0


@both
def test_a_service_is_named_over_a_profile(ground: Ground) -> None:
    assert ground.run("count").code == 3
    assert ground.run("count", "--service", "waldur").code == 0


@both
@pytest.mark.parametrize(
    "arguments",
    [
        ("--profile", "a", "--service", "waldur"),
        ("--profile", "a", "--profile", "b"),
        ("--service", "waldur", "--service", "cloudtruth"),
    ],
)
def test_a_command_for_one_service_refuses_two(ground: Ground, arguments: tuple[str, ...]) -> None:
    assert ground.run("count", *arguments).code == 2


@both
def test_a_hub_is_of_all_profiles_or_of_those_that_are_named(ground: Ground, profiles: Path) -> None:
    every = ground.run("overview", "--fields", "client")
    some = ground.run("overview", "--fields", "client", "-p", "my-cloudtruth")

    assert every.out.split() == ["client", "my-waldur", "my-cloudtruth"]
    assert some.out.split() == ["client", "my-cloudtruth"]


@both
def test_a_list_is_for_the_profiles_that_its_rows_name(ground: Ground, profiles: Path) -> None:
    people = ground.home / "people.csv"
    people.write_text(
        "email,role,scope_type,scope,client\n"
        "ana@example.com,PROJECT.ADMIN,project,Apollo,my-waldur\n"
        "ben@example.com,VIEWER,,,my-cloudtruth\n"
    )

    done = ground.run("apply", str(people), "--yes", "--fields", "client,outcome")

    assert done.out.splitlines() == ["client\toutcome", "my-waldur\tdone", "my-cloudtruth\tdone"]


@both
@pytest.mark.parametrize("row", ["my-waldur", "waldur"])
def test_a_list_that_names_a_service_goes_by_its_variables_though_there_are_profiles(
    ground: Ground, profiles: Path, row: str
) -> None:
    url = ground["cloudtruth"].base_url
    ground.variables |= {
        "INVITE_CLOUDTRUTH_URL": url,
        "INVITE_CLOUDTRUTH_API_KEY": ground.variables["CLOUDTRUTH_SECRET"],
    }
    people = ground.home / "people.csv"
    people.write_text(
        "email,role,scope_type,scope,client\n"
        f"ana@example.com,PROJECT.ADMIN,project,Apollo,{row}\n"
        "ben@example.com,VIEWER,,,cloudtruth\n"
    )

    done = ground.run("apply", str(people), "--yes", "--fields", "client,outcome")

    if row == "my-waldur":
        assert done.out.splitlines() == ["client\toutcome", "my-waldur\tdone", "cloudtruth\tdone"]
    else:  # no profile has the name, and no variable is set
        assert (done.code, "has no profile 'waldur'" in done.err) == (3, True)


def test_profiles_complete(ground: Ground, profiles: Path) -> None:
    done = ground.process(
        variables={"_INVITE_COMPLETE": "complete_bash", "COMP_WORDS": "invite list --profile my", "COMP_CWORD": "3"}
    )

    assert done.out.split() == ["my-waldur"]
