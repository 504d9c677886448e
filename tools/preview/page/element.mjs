/** An element of the page; `attributes` are properties, `data` and `style` objects of their own. */
export function element(tag, { data = {}, style = {}, ...attributes } = {}, ...children) {
    const made = Object.assign(document.createElement(tag), attributes);
    Object.assign(made.dataset, data);
    for (const [name, value] of Object.entries(style)) made.style.setProperty(name, value);
    made.append(...children.filter((child) => child != null));
    return made;
}
