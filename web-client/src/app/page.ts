import { useEffect, useLayoutEffect } from 'preact/hooks';

let opened = false;

/** Title and h1 agree; after a change of address the h1 takes focus, so that it is spoken and the keyboard starts there. */
export function usePage(title: string | undefined): void {
  useLayoutEffect(() => {
    if (title) document.title = `${title} · Consilium`;
  }, [title]);
  useEffect(() => {
    if (!title) return;
    // The very first page keeps the browser's own start of focus.
    if (!opened) {
      opened = true;
      return;
    }
    const h1 = document.querySelector<HTMLElement>('main h1');
    if (!h1) return;
    h1.tabIndex = -1;
    h1.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [title !== undefined]);
}

const REGIONS = 'header, nav, main, aside, section[aria-labelledby], footer, [role="region"]';

/** F6 and Shift+F6 walk the regions of the page. */
export function walkRegions(event: KeyboardEvent): void {
  if (event.key !== 'F6' || event.altKey || event.ctrlKey || event.metaKey) return;
  const regions = [...document.querySelectorAll<HTMLElement>(REGIONS)].filter((it) => it.offsetParent !== null || it.tagName === 'MAIN');
  if (regions.length === 0) return;
  event.preventDefault();
  const active = document.activeElement;
  let at = -1;
  regions.forEach((region, index) => {
    if (region === active || region.contains(active)) at = index;
  });
  const step = event.shiftKey ? -1 : 1;
  const next = regions[(at + step + regions.length) % regions.length];
  if (!next) return;
  if (next.tabIndex < 0) next.tabIndex = -1;
  next.focus();
}
