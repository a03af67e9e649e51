import { randomBytes, scryptSync, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(scrypt)
const COST = { N: 16384, r: 8, p: 1 }

// Failed tries per name before it must wait, and for how long (ms); the map is bounded.
const MAX_FAILURES = 10
const WAIT = 60_000
const MAX_TRACKED = 1000

/** The people who may log in: [{username, sub, email, name, password_hash}], hash "scrypt$N$r$p$salt$key". */
export class Users {
  #byName = new Map()
  #bySub = new Map()
  #failures = new Map()
  // Checked for unknown names, so that they take as long as known ones.
  #decoy = parseHash(`scrypt$${COST.N}$${COST.r}$${COST.p}$${randomBytes(16).toString('base64')}$${scryptSync('', 'decoy', 32, COST).toString('base64')}`)

  constructor(list) {
    for (const user of list) {
      if (!user.username || !user.sub || this.#byName.has(user.username) || this.#bySub.has(user.sub)) {
        throw new Error(`users file: username and sub must be present and unique (${user.username})`)
      }
      this.#byName.set(user.username, { ...user, hash: parseHash(user.password_hash) })
      this.#bySub.set(user.sub, user)
    }
  }

  bySub(sub) {
    return this.#bySub.get(sub)
  }

  /** The user, or undefined when name or password is wrong or there were too many failures. */
  async verify(username, password) {
    const failed = this.#failures.get(username)
    if (failed && failed.count >= MAX_FAILURES && Date.now() - failed.at < WAIT) return undefined
    const user = this.#byName.get(username)
    const { key, salt, N, r, p } = user?.hash ?? this.#decoy
    const got = await derive(password, salt, key.length, { N, r, p })
    if (timingSafeEqual(got, key) && user) {
      this.#failures.delete(username)
      return user
    }
    this.#noteFailure(username, failed)
    return undefined
  }

  #noteFailure(username, failed) {
    if (!failed && this.#failures.size >= MAX_TRACKED) this.#failures.delete(this.#failures.keys().next().value)
    const stale = failed && Date.now() - failed.at >= WAIT
    this.#failures.set(username, { count: stale || !failed ? 1 : failed.count + 1, at: Date.now() })
  }
}

function parseHash(text) {
  const [scheme, N, r, p, salt, key] = String(text).split('$')
  if (scheme !== 'scrypt' || !key) throw new Error('users file: password_hash must be scrypt$N$r$p$salt$key')
  return { N: Number(N), r: Number(r), p: Number(p), salt: Buffer.from(salt, 'base64'), key: Buffer.from(key, 'base64') }
}
