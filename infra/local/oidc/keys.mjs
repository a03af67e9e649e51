import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Signing and cookie keys, generated at the first start and kept in dir. */
export function loadKeys(dir) {
  const file = join(dir, 'keys.json')
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }
    const keys = { jwks: { keys: [jwk] }, cookies: [randomBytes(32).toString('base64url')] }
    // Renamed into place: a crash while writing must not leave half a key.
    writeFileSync(file + '.new', JSON.stringify(keys), { mode: 0o600 })
    renameSync(file + '.new', file)
  }
  return JSON.parse(readFileSync(file, 'utf8'))
}
