import { closeSync, existsSync, fsyncSync, openSync, readFileSync, truncateSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'

const { MockDatabase } = createRequire(import.meta.url)('@did-plc/server')

/**
 * The directory's in-memory database plus a journal: every accepted operation is one line, and opening
 * replays them through the same validation. Without it a restart would orphan every account's DID.
 */
export class JournalDatabase extends MockDatabase {
  #file

  static async open(path) {
    const database = new JournalDatabase()
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    // What follows the last newline is a write that a crash cut short; its request was never answered.
    if (whole !== text) truncateSync(path, Buffer.byteLength(whole))
    for (const line of whole.split('\n').filter(Boolean)) {
      const { did, operation } = JSON.parse(line)
      await database.validateAndAddOp(did, operation)
    }
    database.#file = openSync(path, 'a', 0o600)
    return database
  }

  async validateAndAddOp(did, operation) {
    await super.validateAndAddOp(did, operation)
    if (this.#file === undefined) return // replaying
    writeSync(this.#file, JSON.stringify({ did, operation }) + '\n')
    fsyncSync(this.#file)
  }

  async close() {
    closeSync(this.#file)
  }
}
