/** What an element may be given: attributes, and listeners under `on…`. What is undefined or false is left out. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: Event) => void)>
>;
export type Child = Node | string | undefined | false;

/**
 * Makes an element. Children that are strings become text and nothing else: no markup of anybody's is ever parsed.
 */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, '');
    else if (value !== undefined && value !== false) element.setAttribute(key, String(value));
  }
  fill(element, ...children);
  return element;
}

/** Puts these in place of all that an element held. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter((child): child is Node | string => !!child || child === ''));
}

/** An element of the shell, which is always there. */
export function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

let last = '';

/** Says something to whoever listens to the page instead of looking at it; the same again is said again. */
export function announce(text: string): void {
  last = text === last ? `${text}\u00a0` : text;
  part('status').textContent = last;
}
