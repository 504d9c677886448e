import assert from "node:assert/strict";
import { test } from "node:test";
import { format } from "../page/format.mjs";

test("a number reads with its unit as in Grafana", () => {
    const cases = [
        [0, "s", null, "0 s"],
        [0.0042, "s", null, "4.20 ms"],
        [59.5, "s", null, "59.5 s"],
        [150, "s", null, "2.50 min"],
        [150, "s", 0, "3 min"],
        [90061, "dtdurations", 1, "1 day, 1 hour"],
        [3723, "dtdhms", null, "01:02:03"],
        [0.425, "percentunit", 0, "43%"],
        [1234, "short", null, "1.23 K"],
        [7, "none", null, "7"],
        [1536, "bytes", null, "1.50 KiB"],
        [2.5, "reqps", null, "2.50 req/s"],
        [3, "suffix: of 5", null, "3 of 5"],
        [NaN, "s", null, "NaN"],
        [Infinity, "s", null, "+Inf"],
    ];
    for (const [value, unit, decimals, expected] of cases) assert.equal(format(value, unit, decimals), expected);
    assert.equal(format(Date.now() - 120_000, "dateTimeFromNow"), "2 minutes ago");
});

test("a unit that is not known is said", () => {
    assert.throws(() => format(1, "furlongs"), { message: "the preview does not know the unit `furlongs`" });
});
