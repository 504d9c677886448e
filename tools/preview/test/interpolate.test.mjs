import assert from "node:assert/strict";
import { test } from "node:test";
import { interpolate, interpolateQuery, toAddress } from "../page/interpolate.mjs";

const ALL = "$__all";
const several = (name, chosen, options = ["a.b", "c"]) => ({
    name,
    options,
    chosen,
    model: { multi: true, includeAll: true, allValue: ".+" },
});

test("choices of many are a regular expression in a query", () => {
    const query = (chosen) => interpolateQuery('x{link=~"$link"}', [several("link", chosen)]);
    assert.equal(query([ALL]), 'x{link=~".+"}');
    assert.equal(query(["a.b"]), 'x{link=~"a\\\\.b"}');
    assert.equal(query(["a.b", "c"]), 'x{link=~"(a\\\\.b|c)"}');
    assert.equal(interpolateQuery("rate(x[$__rate_interval])", [], { __rate_interval: "8s" }), "rate(x[8s])");
});

test("a link carries the choices", () => {
    const link = several("link", ["a.b", "c"]);
    assert.equal(toAddress([link, several("job", [ALL])]), "var-link=a.b&var-link=c&var-job=%24__all");
    assert.equal(interpolate("/d/x?${link:queryparam}&$other", [link]), "/d/x?var-link=a.b&var-link=c&$other");
    assert.equal(interpolate("Lag of $link", [link], { unformatted: "text" }), "Lag of a.b + c");
});
