// The environment of unit tests: Node's, in which all test files of a Jest worker share one copy of Temporal's message types.

import messageTypes from '@temporalio/proto'
import { TestEnvironment } from 'jest-environment-node'

/** To build these types takes a third of the time of an average file of unit tests. They have no state. */
export default class extends TestEnvironment {
  constructor(...given) {
    super(...given)
    this.global.temporalMessageTypes = messageTypes
  }
}
