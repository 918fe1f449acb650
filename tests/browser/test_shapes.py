"""Two pages of one template are alike; one with an element, or a mistake, that the other has not is told apart."""

from __future__ import annotations

import pytest

from tests.browser.shapes import shapes, shown

PAGE = """<html><body><h1>Clients</h1><h2>All</h2><form><label for=a>Name</label><input id=a type=text><button>Find</button></form>
<table><tr><td>Avery</td></tr></table><nav><a href=/x>On</a><a href=/y aria-label=Back><svg></svg></a></nav></body></html>"""


@pytest.mark.parametrize(
    ("was", "now"), [("Clients", "Groups"), ("<tr><td>Avery</td></tr>", "<tr><td>Blake</td></tr>" * 3)]
)
def test_other_texts_and_more_rows_make_no_other_page(was: str, now: str) -> None:
    assert shapes(PAGE.replace(was, now)) == shapes(PAGE)


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("<label for=a>Name</label>", "<label>Name</label>"),
        ("<label for=a>", "<label for=b>"),
        ("<table>", "<table id=a>"),
        (">Find<", "><"),
        (" aria-label=Back", ""),
        ("h2>", "h3>"),
        ("type=text", "type=date"),
        ("type=text", "type=text aria-hidden=true"),
        ("<td>Avery", "<td class=k-late>Avery"),
        ("<td>Avery", "<td><button>Avery</button>"),
    ],
)
def test_a_new_kind_or_a_mistake_is_told_apart(was: str, now: str) -> None:
    assert shapes(PAGE.replace(was, now)) - shapes(PAGE)


@pytest.mark.parametrize(
    "unread",
    [
        "<p hidden>No chart</p>",
        "<div hidden><br><p>No <b>x</b></p>No chart</div>",
        "<template><p>No chart</p></template>",
        "<script>No chart</script>",
        "<style>No chart</style>",
        "<noscript>No chart</noscript>",
        "<dialog>No chart</dialog>",
        "<p title='No chart'><input value='No chart'></p>",
        "<!-- No chart -->",
        "</main><p>No chart</p><main>",
    ],
)
def test_what_nobody_reads_is_not_shown(unread: str) -> None:
    page = "<head><title>No chart</title></head><main class=x>{}<p>Left &amp; found</main>"
    assert shown(page.format(unread)) == "Left & found"
    assert shown(page.format("<p>No\n chart</p>")) == "No chart\nLeft & found"
