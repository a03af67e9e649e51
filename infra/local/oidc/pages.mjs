const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}
main{width:min(22rem,90vw)}
h1{font-size:1.4rem;margin:0 0 .25rem}
p{margin:.25rem 0 1rem}
label{display:block;margin:.75rem 0 .25rem;font-weight:600}
input{box-sizing:border-box;width:100%;padding:.55rem .7rem;font:inherit;border:1px solid GrayText;border-radius:.4rem}
button{margin-top:1.25rem;width:100%;padding:.6rem;font:inherit;font-weight:600;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}
:focus-visible{outline:3px solid #60a5fa;outline-offset:2px}
[role=alert]{border-left:4px solid #b91c1c;padding:.4rem .75rem}`

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text) => String(text).replace(/[&<>"']/g, (c) => escapes[c])

const page = (title, body) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`

/** The form posts to its own address, so it needs no script and no hidden field. */
export const loginPage = ({ clientName, username = '', failed = false }) =>
  page(
    'Log in · Chimera',
    `<h1>Log in</h1><p>to continue to ${escape(clientName)}</p>
${failed ? '<p role="alert">Wrong username or password.</p>' : ''}
<form method="post">
<label for="username">Username</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="200" value="${escape(username)}"${failed ? '' : ' autofocus'}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1000"${failed ? ' autofocus' : ''}>
<button>Log in</button>
</form>`,
  )

export const messagePage = (message) => page('Chimera', `<p role="alert">${escape(message)}</p>`)
