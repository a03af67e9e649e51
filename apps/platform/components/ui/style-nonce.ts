import { setNonce } from "get-nonce";

// Dialogs lock scrolling by a style element of their own; it needs this document's nonce to pass the policy.
if (typeof document !== "undefined") {
  const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;
  if (nonce) setNonce(nonce);
}
