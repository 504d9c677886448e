// The head of the page: what this is, the board's variables to choose from, its links, its range.
import { element } from "./element.mjs";
import { dateTime } from "./format.mjs";
import { isAll, toAddress } from "./interpolate.mjs";

export function header({ board, boards, variables, range }) {
    const shown = variables.filter(({ model }) => model.hide !== 2);
    const { from, to } = range.asked;
    const cut = `${from} to ${to}; the history begins ${dateTime(range.from * 1000)}`;
    return element(
        "header",
        {},
        element(
            "div",
            { className: "line" },
            element("h1", { textContent: board.title, title: board.description ?? "" }),
            element("span", { className: "preview", textContent: "preview, not Grafana" }),
            element(
                "span",
                { className: "links" },
                ...(board.links ?? []).flatMap((link) => linksOf(link, { board, boards, variables })),
            ),
            element("span", { className: "range", textContent: cut }),
        ),
        element("div", { className: "line" }, ...shown.map((variable) => chooser(variable, variables))),
    );
}

function linksOf(link, { board, boards, variables }) {
    const query = link.includeVars ? `?${toAddress(variables)}` : "";
    const target = { title: link.tooltip ?? "" };
    if (link.type === "link") return [element("a", { ...target, href: link.url + query, textContent: link.title })];
    const tagged = boards.filter(({ tags = [] }) => link.tags.every((tag) => tags.includes(tag)));
    return tagged.map(({ uid, title }) =>
        element("a", {
            ...target,
            href: `/d/${uid}${query}`,
            textContent: title,
            className: uid === board.uid ? "here" : "",
        }),
    );
}

function chooser(variable, variables) {
    const { model, name, options, chosen } = variable;
    const offered = model.includeAll ? ["All", ...options] : options;
    const isChosen = (option) => (option === "All" ? isAll(variable) : chosen.includes(option));
    const list = offered.map((option) =>
        element("option", { value: option, textContent: option, selected: isChosen(option) }),
    );
    const select = element("select", { multiple: false, title: model.description ?? "" }, ...list);
    if (model.multi && chosen.length > 1)
        select.prepend(element("option", { textContent: chosen.join(" + "), selected: true }));
    select.addEventListener("change", () => {
        const changed = { ...variable, chosen: [select.value] };
        location.search = toAddress(variables.map((other) => (other.name === name ? changed : other)));
    });
    return element("label", {}, model.label || name, select);
}
