// What the import map and classic scripts bring into the page.
declare module "critique-vendor-tus";

declare const htmx: typeof import("htmx.org").default;
