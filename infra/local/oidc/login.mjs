import { errors } from 'oidc-provider'
import { loginPage, messagePage } from './pages.mjs'

const MAX_BODY = 4096 // bytes

/**
 * Serves /interaction/<uid>: GET shows the form, POST takes it. Forgery is held off by the library's signed
 * interaction cookie, bound to this path and SameSite=Lax, and by the Origin check.
 */
export function loginHandler({ issuer, provider, users }) {
  async function handle(req, res) {
    const { prompt, params } = await provider.interactionDetails(req, res)
    if (prompt.name !== 'login') throw new errors.InvalidRequest(`unexpected prompt ${prompt.name}`)
    const client = await provider.Client.find(params.client_id)
    const clientName = client?.clientName ?? params.client_id
    if (req.method === 'GET') return send(res, 200, loginPage({ clientName }))
    if (req.method !== 'POST') return send(res, 405, messagePage('Method not allowed'))
    if (req.headers.origin && req.headers.origin !== issuer) return send(res, 403, messagePage('This form was sent from another site.'))

    const form = new URLSearchParams(await readBody(req))
    const username = (form.get('username') ?? '').trim()
    const user = await users.verify(username, form.get('password') ?? '')
    if (!user) return send(res, 401, loginPage({ clientName, username, failed: true }))
    return provider.interactionFinished(req, res, { login: { accountId: user.sub, amr: ['pwd'] } }, { mergeWithLastSubmission: false })
  }

  return (req, res) =>
    handle(req, res).catch((err) => {
      const known = err instanceof errors.OIDCProviderError || err instanceof TooLarge
      if (!known) console.error(err)
      if (!res.headersSent) send(res, known ? err.statusCode : 500, messagePage(known ? 'This login has expired or is not valid. Start again.' : 'Internal error.'))
    })
}

class TooLarge extends Error {
  statusCode = 413
}

async function readBody(req) {
  let body = ''
  for await (const chunk of req) {
    body += chunk
    if (body.length > MAX_BODY) throw new TooLarge('form too large')
  }
  return body
}

function send(res, status, html) {
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    // Under no-referrer browsers send "Origin: null" with the form, which the Origin check refuses.
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
  })
  res.end(html)
}
