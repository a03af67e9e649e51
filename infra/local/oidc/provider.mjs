import Provider, { interactionPolicy } from 'oidc-provider'
import { messagePage } from './pages.mjs'

const RESOURCE = 'urn:chimera:api'
const AUDIENCE = 'chimera'
const ACCESS_TOKEN_TTL = 15 * 60 // seconds
const SCOPES = 'openid email profile offline_access'

/** An OIDC provider whose every access token is a signed JWT for the audience "chimera". */
export function createProvider({ issuer, clients, users, keys }) {
  const claimsOf = ({ sub, email, name }) => ({ sub, email, email_verified: true, name })
  return new Provider(issuer, {
    clients,
    jwks: keys.jwks,
    cookies: { keys: keys.cookies },
    scopes: SCOPES.split(' '),
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // The web client needs name and address from the ID token: its access token is not for userinfo.
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: ACCESS_TOKEN_TTL, ClientCredentials: ACCESS_TOKEN_TTL, AuthorizationCode: 60, IdToken: 3600,
      Interaction: 600, RefreshToken: 14 * 86400, Session: 14 * 86400, Grant: 14 * 86400,
    },
    findAccount: (_ctx, sub) => {
      const user = users.bySub(sub)
      return user && { accountId: sub, claims: () => claimsOf(user) }
    },
    extraTokenClaims: (_ctx, token) => {
      const user = token.accountId && users.bySub(token.accountId)
      return user ? { email: user.email, name: user.name } : undefined
    },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    loadExistingGrant: firstPartyGrant,
    renderError: (ctx, out) => {
      ctx.type = 'html'
      ctx.body = messagePage([out.error, out.error_description].filter(Boolean).join(': '))
    },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}`, policy: loginOnly() },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_ctx, resource) => {
          if (resource !== RESOURCE) throw new Error(`unknown resource; this provider knows ${RESOURCE}`)
          return {
            audience: AUDIENCE, scope: SCOPES, accessTokenTTL: ACCESS_TOKEN_TTL,
            accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
          }
        },
      },
    },
  })
}

// Every client in the file is our own, so nobody is asked to consent. The library insists on asking for
// native clients, whose identity cannot be proven; here the redirect can only go to loopback.
function loginOnly() {
  const policy = interactionPolicy.base()
  policy.get('consent').checks.remove('native_client_prompt')
  return policy
}

async function firstPartyGrant(ctx) {
  const { client, session, provider } = ctx.oidc
  const known = session.grantIdFor(client.clientId)
  const found = known && (await provider.Grant.find(known))
  if (found) return found
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(SCOPES)
  grant.addResourceScope(RESOURCE, SCOPES)
  await grant.save()
  return grant
}
