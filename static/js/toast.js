// @ts-check
// Short words about what just happened, for eyes and for screen readers.

/**
 * Speaks `words` without showing them. Assertive only for what was lost or refused.
 * @param {string} words
 * @param {"polite" | "assertive"} [manner]
 */
export function announce(words, manner = "polite") {
  const region = document.getElementById(`announce-${manner}`);
  if (!region) return;
  region.textContent = "";
  // An empty region that is filled a frame later is spoken even when the words are the same as before.
  requestAnimationFrame(() => { region.textContent = words; });
}

/**
 * Shows `words` at the foot of the page and speaks them. Problems stay until closed; the rest go after 6 s
 * (12 s with an action), never while the pointer or the focus is on them, unless they are to stay.
 * @param {string} words
 * @param {{kind?: "info" | "problem", action?: string, onAction?: () => void, stays?: boolean}} [options]
 * @returns {() => void} closes it
 */
export function toast(words, { kind = "info", action, onAction, stays = kind === "problem" } = {}) {
  announce(words, kind === "problem" ? "assertive" : "polite");
  const region = document.getElementById("toasts");
  if (!region) return () => {};
  const element = document.createElement("div");
  element.className = `toast toast--${kind}`;
  const text = document.createElement("span");
  text.className = "toast__words";
  text.textContent = words;
  element.append(text);
  const close = () => {
    element.remove();
    if (!region.childElementCount && region.matches(":popover-open")) region.hidePopover();
  };
  if (action) element.append(button(action, () => { onAction?.(); close(); }));
  if (kind === "problem" || action) element.append(button("Close", close));
  if (!stays) closeLater(element, action ? 12_000 : 6_000, close);
  region.append(element);
  if (region.matches(":popover-open")) region.hidePopover(); // shown again it stands above a dialog opened since
  region.showPopover();
  return close;
}

/** @param {string} words @param {() => void} act */
function button(words, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button button--plain button--small";
  element.textContent = words;
  element.addEventListener("click", act);
  return element;
}

/** @param {HTMLElement} element @param {number} after ms @param {() => void} close */
function closeLater(element, after, close) {
  let timer = setTimeout(close, after);
  const wait = () => clearTimeout(timer);
  const resume = () => { wait(); timer = setTimeout(close, after); };
  element.addEventListener("pointerenter", wait);
  element.addEventListener("focusin", wait);
  element.addEventListener("pointerleave", resume);
  element.addEventListener("focusout", resume);
}
