-- The signals of docs/metrics in SQL, with times in microseconds. It reads the views touches, links, targets and
-- instants(as_of), accounts(account). `neighbours` is replaced by what puts the rows of a thread side by side.

CREATE TEMP TABLE spans AS
SELECT as_of, window_days, as_of - window_days * 86400000000 AS since, as_of - 2 * window_days * 86400000000 AS before
FROM instants, (SELECT unnest([30, 60, 90]) AS window_days);

CREATE TEMP TABLE marked AS
WITH beside AS (
    SELECT *,
        lag(account) OVER (neighbours) IS DISTINCT FROM account
            OR lag(thread) OVER (neighbours) IS DISTINCT FROM thread AS fresh,
        sent_at - lag(sent_at) OVER (neighbours) AS silence,
        lag(outbound) OVER (neighbours) AS outbound_previously,
        sum(outbound::INTEGER) OVER (neighbours ROWS UNBOUNDED PRECEDING) - outbound::INTEGER AS outbound_before
    FROM touches
), parts AS (
    SELECT *,
        max(CASE WHEN fresh OR silence > 14 * 86400000000 THEN outbound_before END)
            OVER (neighbours ROWS UNBOUNDED PRECEDING) AS outbound_at_cut
    FROM beside
), opened AS (
    SELECT *,
        fresh OR silence > 90 * 86400000000 OR (
            silence > 14 * 86400000000 AND outbound_before <> lag(outbound_at_cut) OVER (neighbours)
        ) AS opening
    FROM parts
)
SELECT account, thread, row, sent_at, outbound, role, person, urgent, opening,
    opening OR outbound <> outbound_previously AS turning,
    NOT outbound AND NOT opening AND NOT outbound_previously AND silence >= 4 * 3600000000 AS chasing,
    sum(opening::INTEGER) OVER (neighbours ROWS UNBOUNDED PRECEDING) AS conversation
FROM opened;

CREATE TEMP TABLE turns AS
WITH answered AS (
    SELECT account, thread, outbound, opening, outbound AND opening AND role = 'cs' AS checkin, sent_at AS started_at,
        CASE WHEN lead(conversation) OVER (neighbours) = conversation THEN lead(sent_at) OVER (neighbours) END
            AS answered_at
    FROM marked WHERE turning
)
SELECT a.account, outbound, opening, checkin, started_at, answered_at,
    CASE WHEN NOT outbound THEN started_at + (3600000000 * CASE WHEN opening THEN first_response_hours
        ELSE coalesce(next_response_hours, first_response_hours) END)::BIGINT END AS due_at
FROM answered a LEFT JOIN targets USING (account);

CREATE TEMP TABLE by_person AS
SELECT account, as_of, window_days, outbound, person, count(*) AS mails,
    count(*) FILTER (chasing) AS chasers, count(*) FILTER (urgent AND NOT outbound) AS urgent
FROM marked JOIN spans ON sent_at > since AND sent_at <= as_of
GROUP BY ALL;

CREATE TEMP TABLE volume AS
SELECT account, as_of, window_days,
    coalesce(sum(mails) FILTER (NOT outbound), 0) AS inbound,
    coalesce(sum(mails) FILTER (outbound), 0) AS outbound,
    sum(chasers) AS chasers, sum(urgent) AS urgent,
    count(*) FILTER (NOT outbound) AS active_contacts,
    exp(ln(sum(mails) FILTER (NOT outbound))
        - sum(mails * ln(mails)) FILTER (NOT outbound) / sum(mails) FILTER (NOT outbound)) AS contact_breadth,
    exp(ln(sum(mails) FILTER (outbound))
        - sum(mails * ln(mails)) FILTER (outbound) / sum(mails) FILTER (outbound)) AS our_breadth
FROM by_person GROUP BY ALL;

CREATE TEMP TABLE earlier AS
SELECT account, as_of, window_days, count(*) AS inbound_before
FROM marked JOIN spans ON sent_at > before AND sent_at <= since
WHERE NOT outbound GROUP BY ALL;

CREATE TEMP TABLE windowed AS
SELECT account, as_of, window_days, outbound, opening, checkin, started_at, answered_at, due_at,
    coalesce(answered_at <= as_of, FALSE) AS answered,
    (least(coalesce(answered_at, as_of), as_of) - started_at) / 3.6e9 AS hours
FROM turns JOIN spans ON started_at > since AND started_at <= as_of;

CREATE TEMP TABLE response AS
SELECT account, as_of, window_days,
    quantile_cont(hours, 0.5) FILTER (answered AND NOT outbound) AS response_hours_median,
    quantile_cont(hours, 0.9) FILTER (answered AND NOT outbound) AS response_hours_p90,
    quantile_cont(hours, 0.5) FILTER (answered AND NOT outbound AND opening) AS first_response_hours_median,
    quantile_cont(hours, 0.5) FILTER (answered AND outbound) AS customer_response_hours_median,
    quantile_cont(hours, 0.9) FILTER (answered AND outbound) AS customer_response_hours_p90,
    count(*) FILTER (opening AND NOT outbound) / nullif(count(*) FILTER (opening), 0) AS initiation_share,
    count(*) FILTER (checkin) AS checkins,
    count(*) FILTER (checkin AND started_at <= as_of - $horizon AND coalesce(answered_at - started_at <= $horizon, FALSE))
        / nullif(count(*) FILTER (checkin AND started_at <= as_of - $horizon), 0) AS thread_response_rate,
    count(*) FILTER (due_at <= as_of AND NOT answered) / nullif(count(*) FILTER (due_at <= as_of), 0) AS unreplied_rate
FROM windowed GROUP BY ALL;

CREATE TEMP TABLE kaplan_meier AS
WITH risk AS (
    SELECT account, as_of, window_days, outbound, hours, answered,
        count(*) OVER one_group - row_number() OVER by_time + 1 AS at_risk
    FROM windowed
    WINDOW one_group AS (PARTITION BY account, as_of, window_days, outbound),
        by_time AS (PARTITION BY account, as_of, window_days, outbound ORDER BY hours, NOT answered)
), survival AS (
    SELECT *, product(1 - answered::INTEGER / at_risk) OVER (
        PARTITION BY account, as_of, window_days, outbound ORDER BY at_risk DESC ROWS UNBOUNDED PRECEDING
    ) AS surviving FROM risk
)
SELECT account, as_of, window_days,
    min(hours) FILTER (NOT outbound) AS response_hours_km_median,
    min(hours) FILTER (outbound) AS customer_response_hours_km_median
FROM survival WHERE answered AND surviving <= 0.5 + 1e-12 GROUP BY ALL;

CREATE TEMP TABLE visibility AS
SELECT account, as_of, window_days,
    count(*) FILTER (coalesce(stored_at > as_of, TRUE)) / count(*) AS visibility_gap
FROM links JOIN spans ON sent_at > since AND sent_at <= as_of
WHERE coalesce(previous_at <= since, TRUE) GROUP BY ALL;

CREATE TEMP TABLE grid AS SELECT account, as_of FROM accounts, instants;

CREATE TEMP TABLE silence AS
SELECT grid.account, grid.as_of, (grid.as_of - i.sent_at) / 8.64e10 AS days_since_inbound,
    (grid.as_of - o.sent_at) / 8.64e10 AS days_since_outbound,
    (grid.as_of - c.started_at) / 8.64e10 AS days_since_checkin
FROM grid
ASOF LEFT JOIN (SELECT account, sent_at FROM marked WHERE NOT outbound) i
    ON grid.account = i.account AND grid.as_of >= i.sent_at
ASOF LEFT JOIN (SELECT account, sent_at FROM marked WHERE outbound) o
    ON grid.account = o.account AND grid.as_of >= o.sent_at
ASOF LEFT JOIN (SELECT account, started_at FROM turns WHERE checkin) c
    ON grid.account = c.account AND grid.as_of >= c.started_at;

CREATE TEMP TABLE rhythm AS
WITH mail_days AS (
    SELECT account, sent_at // 86400000000 AS day, min(sent_at) AS first_at, max(sent_at) AS last_at
    FROM marked WHERE NOT outbound GROUP BY ALL
), gaps AS (
    SELECT account, first_at, lag(last_at) OVER by_day AS previous_last_at, day - lag(day) OVER by_day AS gap
    FROM mail_days WINDOW by_day AS (PARTITION BY account ORDER BY day)
)
SELECT account, as_of, count(*) AS gaps, quantile_cont(gap, 0.9) AS usual_gap
FROM gaps JOIN instants ON first_at <= as_of AND previous_last_at > as_of - 180 * 86400000000
GROUP BY ALL;

CREATE TEMP TABLE open_turns AS
SELECT account, as_of, count(*) AS open_turns, (max(as_of - started_at)) / 3.6e9 AS oldest_open_hours
FROM turns JOIN instants ON started_at <= as_of AND started_at > as_of - 90 * 86400000000
WHERE NOT outbound AND coalesce(answered_at > as_of, TRUE) GROUP BY ALL;

CREATE TEMP TABLE champions AS
WITH contacts AS (
    SELECT account, as_of, person,
        count(*) FILTER (sent_at <= as_of - 30 * 86400000000) AS mails,
        count(*) FILTER (sent_at > as_of - 30 * 86400000000) AS lately
    FROM marked JOIN instants ON sent_at > as_of - 180 * 86400000000 AND sent_at <= as_of
    WHERE NOT outbound GROUP BY ALL HAVING mails >= 5
)
SELECT account, as_of, lately = 0 AS champion_quiet FROM contacts
QUALIFY row_number() OVER (PARTITION BY account, as_of ORDER BY mails DESC, person) = 1;

CREATE TEMP TABLE signals AS
SELECT account, as_of, window_days,
    coalesce(inbound, 0) AS inbound, coalesce(outbound, 0) AS outbound,
    coalesce(inbound, 0) / inbound_before - 1 AS inbound_trend,
    coalesce(chasers, 0) AS chasers, coalesce(urgent, 0) AS urgent,
    coalesce(active_contacts, 0) AS active_contacts, contact_breadth, our_breadth,
    initiation_share, coalesce(checkins, 0) AS checkins, thread_response_rate, unreplied_rate,
    response_hours_median, response_hours_p90, first_response_hours_median, response_hours_km_median,
    customer_response_hours_median, customer_response_hours_p90, customer_response_hours_km_median, visibility_gap,
    days_since_checkin, days_since_inbound, days_since_outbound,
    CASE WHEN gaps >= 5 THEN days_since_inbound / usual_gap END AS overdue_ratio,
    coalesce(open_turns, 0) AS open_turns, oldest_open_hours, champion_quiet
FROM grid JOIN spans USING (as_of)
LEFT JOIN volume USING (account, as_of, window_days)
LEFT JOIN earlier USING (account, as_of, window_days)
LEFT JOIN response USING (account, as_of, window_days)
LEFT JOIN kaplan_meier USING (account, as_of, window_days)
LEFT JOIN visibility USING (account, as_of, window_days)
LEFT JOIN silence USING (account, as_of)
LEFT JOIN rhythm USING (account, as_of)
LEFT JOIN open_turns USING (account, as_of)
LEFT JOIN champions USING (account, as_of);
