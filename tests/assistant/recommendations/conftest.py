"""The small company, made once."""

import pytest

from tests.assistant.people.company import make_company, open_company


@pytest.fixture(scope="session")
def company_config(tmp_path_factory):
    return make_company(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="session")
def company(company_config):
    with open_company(company_config) as services:
        yield services
