"""M35 to M45: what messages look like, and whose they are."""

import datetime as dt

from tests.scenarios.graph_faults import answering, deltas, editing
from tests.scenarios.graph_table import scenario
from tests.scenarios.graph_tenant import ANA, GraphTenant
from tests.support.graph import errors
from tests.support.graph.items import index, recipient


@scenario("M35")
def replies_without_headers(graph: GraphTenant) -> None:
    """Sent mail has no internet headers; what it answers is told by the conversation index."""
    first = graph.box.put(conversationIndex=index(7), headers=[{"name": "X-Mailer", "value": "x"}])
    answer = graph.box.put("sentitems", conversationIndex=index(7, 1))
    again = graph.box.put("sentitems", conversationIndex=index(7, 1, 2))
    received = graph.box.put(
        conversationIndex=index(7, 1), headers=[{"name": "In-Reply-To", "value": "<root@acme.test>"}]
    )
    graph.done()
    rows = graph.rows()
    assert rows[first]["references"] == []
    assert len(rows[answer]["references"]) == 1
    assert rows[again]["references"][0] == rows[answer]["references"][0]
    assert rows[received]["references"] == ["root@acme.test"]


@scenario("M35")
def headers_may_not_be_asked_for(graph: GraphTenant) -> None:
    """Where the permission does not cover internet headers, that is remembered, and the rest is read without them."""
    graph.server.headers_are_refused = True
    keys = [graph.box.put(conversationIndex=index(n, 1)) for n in range(3)]
    graph.done()
    assert all(len(graph.rows()[key]["references"]) == 1 for key in keys)
    asked = sum("internetMessageHeaders" in request.one("$select") for request in graph.server.log)
    graph.box.move(graph.box.put(), "archive")
    graph.done()
    assert (
        sum("internetMessageHeaders" in request.one("$select") for request in graph.server.log) == asked == 1
    )


@scenario("M35")
def headers_never_come(graph: GraphTenant) -> None:
    """Where they are asked for and never given, nothing is missing but what they would have told."""
    graph.box.shows_headers = False
    graph.box.put(headers=[{"name": "Auto-Submitted", "value": "auto-replied"}])
    graph.done()


@scenario("M36")
def conversation_indices_are_odd(graph: GraphTenant) -> None:
    """Absent, broken, short, or very deep: the message is read all the same."""
    for odd in (None, "%%%", "AAAA", index(1)[:-4], index(2, *range(500)), 7):
        graph.box.put(conversationIndex=odd)
    graph.done()
    assert max(len(row["references"]) for row in graph.rows().values()) <= 50


@scenario("M37")
def people_are_odd(graph: GraphTenant) -> None:
    """Without a sender, sent on behalf, with X.500 names, groups, empty addresses, or very many recipients."""
    x500 = recipient("/O=EXCHANGELABS/OU=EXCHANGE ADMINISTRATIVE GROUP/CN=RECIPIENTS/CN=ANA", "Ana")
    nobody = graph.box.put(**{"from": None, "sender": None})
    old = graph.box.put(
        **{"from": x500, "sender": x500}, headers=[{"name": "From", "value": "Bo <bo@acme.test>"}]
    )
    behalf = graph.box.put(**{"from": recipient("support@us.test"), "sender": recipient("cy@us.test")})
    many = graph.box.put(toRecipients=[recipient(f"p{n}@acme.test") for n in range(500)])
    empty = graph.box.put(
        toRecipients=[recipient(""), recipient(None), recipient("undisclosed-recipients:;"), x500]
    )
    graph.done()
    rows = graph.rows()
    assert [rows[key]["sender"] for key in (nobody, old, behalf)] == ["", "bo@acme.test", "support@us.test"]
    assert len(rows[many]["to"]) == 500
    assert rows[empty]["to"] == []


@scenario("M38")
def a_draft_is_written_and_sent(graph: GraphTenant) -> None:
    """It is one message once it is sent, and none before."""
    draft = graph.box.draft()
    elsewhere = graph.box.put("archive", isDraft=True)
    graph.done()
    assert graph.rows() == {}
    graph.box.send(draft)
    graph.box.change(elsewhere, isDraft=False)
    graph.done()
    assert graph.rows()[draft]["sender"] == ANA


@scenario("M39")
def machines_write(graph: GraphTenant) -> None:
    """Invitations, bounces, receipts and automatic replies are told from people's mail."""
    kinds = {
        graph.box.put(kind="#microsoft.graph.eventMessageRequest"): "calendar",
        graph.box.put(kind="#microsoft.graph.eventMessageResponse"): "calendar",
        graph.box.put(
            **{"from": recipient("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@us.test")}
        ): "bounce",
        graph.box.put(
            headers=[
                {"name": "Content-Type", "value": "multipart/report; report-type=disposition-notification"}
            ]
        ): "notification",
        graph.box.put(headers=[{"name": "Auto-Submitted", "value": "auto-replied"}]): "auto_reply",
        graph.box.put(): None,
    }
    graph.done()
    assert {key: row["automated"] for key, row in graph.rows().items()} == kinds


@scenario("M40")
def a_shared_mailbox(graph: GraphTenant) -> None:
    """What a colleague sends as the shared address lies in the colleague's sent items, and is the shared address's."""
    graph.addresses = (ANA, "support@us.test")
    shared = graph.server.mailbox("support@us.test")
    shared.put()
    key = graph.box.put("sentitems", **{"from": recipient("support@us.test"), "sender": recipient(ANA)})
    assert all(outcome.complete for outcome in graph.sync_all().values())
    assert graph.rows()[key]["sender"] == "support@us.test"


@scenario("M41")
def two_mailboxes_hold_one_mail(graph: GraphTenant) -> None:
    """Each copy is a row of its own mailbox, under one Message-ID."""
    graph.addresses = (ANA, "bo@us.test")
    for address in graph.addresses:
        graph.server.mailbox(address).put(internetMessageId="<one@acme.test>")
    assert all(outcome.complete for outcome in graph.sync_all().values())
    ids = [row["message_id"] for address in graph.addresses for row in graph.rows(address).values()]
    assert ids == ["one@acme.test"] * 2


@scenario("M42")
def a_person_has_a_new_address(graph: GraphTenant) -> None:
    """Who is known by the object id keeps the history under the first address."""
    graph.addresses = ()
    graph.options["group"] = "all@us.test"
    graph.server.groups["all@us.test"] = [graph.box]
    graph.box.put()
    assert graph.sync_all()[ANA].complete
    graph.box.address = "ana.new@us.test"
    graph.box.put()
    outcomes = graph.sync_all()
    assert set(outcomes) == {ANA}
    assert len(graph.rows()) == 2
    graph.settles = False


@scenario("M44")
def bodies_are_offered(graph: GraphTenant) -> None:
    """What a server gives unasked is not stored."""
    graph.box.put()

    def offer(document: dict[str, list[dict[str, object]]]) -> None:
        for item in document["value"]:
            item |= {"bodyPreview": "Dear Ana, the secret", "body": {"content": "the secret"}}

    graph.fault(editing(deltas, offer, times=None))
    graph.done()
    assert not [path for path in graph.folder.rglob("*") if path.is_file() and b"secret" in path.read_bytes()]


@scenario("M44")
def subjects_are_not_asked_for(graph: GraphTenant) -> None:
    """Where subjects are not wanted they are not even selected."""
    graph.options["subjects"] = False
    graph.box.put()
    graph.done()
    assert not any("subject" in request.one("$select") for request in graph.server.log)


@scenario("M45")
def dates_are_written_in_many_ways(graph: GraphTenant) -> None:
    """Seven decimals, none, or no date of arrival at all."""
    precise = graph.box.put(receivedDateTime="2026-03-02T10:00:00.1234567Z")
    plain = graph.box.put(receivedDateTime="2026-03-02T10:00:00Z")
    missing = graph.box.put(receivedDateTime=None, sentDateTime="2026-03-02T09:00:00Z")
    none = graph.box.put(receivedDateTime=None, sentDateTime=None)
    graph.exempt = {none}
    graph.done()
    sent = {key: row["sent_at"] for key, row in graph.rows().items()}
    assert sent == {
        precise: dt.datetime(2026, 3, 2, 10, 0, 0, 123456, dt.UTC),
        plain: dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC),
        missing: dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
    }
    assert graph.skipped() == {none: "no readable date"}


@scenario("M46")
def links_are_long(graph: GraphTenant) -> None:
    """A link of 8 kB is kept whole."""
    graph.server.links.padding = "x" * 8_000
    graph.box.count = 1_200
    graph.done()


@scenario("M22")
def the_server_asks_for_patience(graph: GraphTenant) -> None:
    """Retry-After in seconds, fractions or as a date is kept to; without one the waits grow."""
    graph.box.put()
    in_a_while = f"{graph.clock.now() + dt.timedelta(seconds=40):%a, %d %b %Y %H:%M:%S} GMT"
    for wish in ("3", "0.05", in_a_while, None):
        graph.fault(answering(deltas, errors.throttled(wish)))
    graph.done()
    assert 40 <= graph.clock.elapsed < 60
