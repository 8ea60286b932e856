"""The list of users: both forms of pages, filters, order, and what scopes leave of it."""

from tests.conformance.call import ALICE, MONITOR, Call, scoped

PAGES = {"Accept": "application/jupyterhub-pagination+json"}

CALLS = (
    Call("all", "GET", "/users"),
    Call("all, in pages", "GET", "/users", headers=PAGES),
    Call(
        "all, in pages, among other types", "GET", "/users", headers={"Accept": f"text/html, {PAGES['Accept'].upper()}"}
    ),
    Call("a quality is no page", "GET", "/users", headers={"Accept": f"{PAGES['Accept']};q=1"}),
    Call("two of them", "GET", "/users?limit=2"),
    Call("the second page, bare", "GET", "/users?limit=2&offset=2"),
    Call("the first page", "GET", "/users?limit=2", headers=PAGES),
    Call("the second page", "GET", "/users?limit=2&offset=2", headers=PAGES),
    Call("the last page", "GET", "/users?limit=2&offset=4", headers=PAGES),
    Call("behind the last page", "GET", "/users?offset=100", headers=PAGES),
    Call("a page keeps its query", "GET", "/users?name_filter=a&sort=name&limit=1", headers=PAGES),
    Call("limit 0 is 1", "GET", "/users?limit=0", headers=PAGES),
    Call("a limit loses its sign", "GET", "/users?limit=-2", headers=PAGES),
    Call("an offset loses its sign", "GET", "/users?offset=-1", headers=PAGES),
    Call("a limit is bounded", "GET", "/users?limit=1000", headers=PAGES),
    Call("a limit that is no number", "GET", "/users?limit=many"),
    Call("an empty limit", "GET", "/users?limit="),
    Call("an offset that is no number", "GET", "/users?offset=1.5"),
    Call("by name", "GET", "/users?sort=name"),
    Call("by name, backwards", "GET", "/users?sort=-name"),
    Call("by id, backwards", "GET", "/users?sort=-id"),
    Call("by what is no column", "GET", "/users?sort=colour"),
    Call("by nothing", "GET", "/users?sort="),
    Call("names with an a", "GET", "/users?name_filter=a&sort=name"),
    Call("names with a capital A", "GET", "/users?name_filter=AL&sort=name"),
    Call("names with nothing", "GET", "/users?name_filter=&sort=name"),
    Call("no such names", "GET", "/users?name_filter=zzz", headers=PAGES),
    Call("names with a wildcard", "GET", "/users?name_filter=%25&sort=name", headers=PAGES),
    Call("names with the other wildcard", "GET", "/users?name_filter=_&sort=name", headers=PAGES),
    Call("active ones", "GET", "/users?state=active", headers=PAGES),
    Call("ready ones", "GET", "/users?state=ready", headers=PAGES),
    Call("inactive ones", "GET", "/users?state=inactive", headers=PAGES),
    Call("an unknown state", "GET", "/users?state=asleep"),
    Call("an empty state", "GET", "/users?state="),
    Call("stopped servers too", "GET", "/users?include_stopped_servers=1"),
    Call("stopped servers too, by an empty value", "GET", "/users?include_stopped_servers="),
    Call("no stopped servers", "GET", "/users?include_stopped_servers=false"),
    Call("alice may not list", "GET", "/users", by=ALICE),
    Call("a service sees what its role gives", "GET", "/users", by=MONITOR),
    Call("names alone", "GET", "/users", by=scoped("list:users"), headers=PAGES),
    Call("one user's filter", "GET", "/users", by=scoped("list:users!user=bob"), headers=PAGES),
    Call("a group's filter", "GET", "/users", by=scoped("list:users!group=students"), headers=PAGES),
    Call("two filters", "GET", "/users", by=scoped("list:users!group=students", "list:users!user=dave"), headers=PAGES),
    Call("a filter and more of some", "GET", "/users", by=scoped("list:users", "read:users!user=bob"), headers=PAGES),
)
