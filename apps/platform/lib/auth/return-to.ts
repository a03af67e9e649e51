/** A path inside this app, or "/": a login link must not become an open redirect. */
export function safeReturnTo(value: string | null | undefined): string {
  if (!value || value.length > 2000 || !value.startsWith("/") || /[\u0000-\u001f\\]/.test(value)) return "/";
  const url = new URL(value, "http://internal.invalid");
  if (url.host !== "internal.invalid" || url.pathname.startsWith("//") || url.pathname.startsWith("/api/")) return "/";
  return url.pathname + url.search + url.hash;
}
