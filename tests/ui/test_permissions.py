import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import ImproperlyConfigured
from django.template import Context, Template

from ui.permissions import ROLES, has_role

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_the_roles_before_it_may(staff, role):
    user = staff(role)

    assert [has_role(user, asked) for asked in ROLES] == [ROLES.index(asked) <= ROLES.index(role) for asked in ROLES]


def test_staff_without_a_group_is_a_viewer(staff):
    newcomer = staff()

    assert (has_role(newcomer, "viewer"), has_role(newcomer, "operator")) == (True, False)


def test_a_superuser_may_all(boss):
    assert has_role(boss, "administrator")


@pytest.mark.parametrize("fields", [{"is_staff": False}, {"is_staff": True, "is_active": False}])
def test_neither_strangers_nor_those_who_left_may_anything(db, fields):
    assert not has_role(User.objects.create_user("pia", **fields), "viewer")
    assert not has_role(AnonymousUser(), "viewer")


def test_a_misspelt_role_is_an_error(boss):
    with pytest.raises(ImproperlyConfigured, match="admin"):
        has_role(boss, "admin")


def test_roles_are_read_once(staff, django_assert_num_queries):
    user = User.objects.get(pk=staff("manager").pk)

    with django_assert_num_queries(1):
        assert has_role(user, "manager")
        assert not has_role(user, "administrator")


def test_templates_can_ask(staff):
    template = Template("{% load ui %}{% if user|has_role:'manager' %}yes{% else %}no{% endif %}")

    assert template.render(Context({"user": staff("operator")})) == "no"


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("operator", 200), ("administrator", 200)])
def test_a_view_is_refused_on_the_server(client, staff, role, status):
    client.force_login(staff(role))

    assert client.get("/operators/").status_code == status
