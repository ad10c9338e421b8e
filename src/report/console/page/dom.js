// Elements from plain calls. Text from the network may hold anything: it only ever becomes text, and
// what is invisible or turns the writing direction is shown as its escape.
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
export function visible(text) {
  return String(text).replace(HIDDEN, (c) => {
    const code = c.codePointAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

function fill(node, children) {
  for (const child of children.flat(9)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
  return node;
}

function apply(node, props) {
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'value') node.value = value;
    else if (name === 'checked' || name === 'disabled' || name === 'hidden' || name === 'open') node[name] = value;
    else node.setAttribute(name, value === true ? '' : visible(value));
  }
  return node;
}

export function h(tag, props, ...children) {
  return fill(apply(document.createElement(tag), props), children);
}
export function svg(tag, props, ...children) {
  return fill(apply(document.createElementNS('http://www.w3.org/2000/svg', tag), props), children);
}
export function replace(node, ...children) {
  node.replaceChildren();
  return fill(node, children);
}
let ids = 0;
export const newId = (word) => `${word}-${++ids}`;
