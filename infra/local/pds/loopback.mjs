// Both servers call listen(port), which means every interface, and offer no setting for it. A part of the
// demo must not be reachable from outside this machine.
import { Server } from 'node:net'

const listen = Server.prototype.listen
Server.prototype.listen = function (first, ...rest) {
  if (typeof first !== 'number') return listen.call(this, first, ...rest)
  const done = rest.filter((arg) => typeof arg === 'function')
  return listen.call(this, { port: first, host: '127.0.0.1' }, ...done)
}
