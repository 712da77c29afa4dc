import { expect, test } from '@jest/globals'
import { readTree } from '../../../deploy/local/bigquery/translate/read-tree.ts'

test('a node has the fields of its parents, and its most exact kind', () => {
  const call = {
    resolved_function_call_base_node: {
      resolved_function_call_node: {
        parent: { parent: { type: 't' }, function: { name: 'f' }, argument_list: [] },
        function_call_info: {},
      },
    },
  }
  const message = { resolved_query_stmt_node: { output_column_list: [call], parent: {} } }
  expect(readTree(message)).toEqual({
    node: 'query_stmt',
    output_column_list: [
      {
        node: 'function_call',
        type: 't',
        function: { name: 'f' },
        argument_list: [],
        function_call_info: {},
      },
    ],
  })
})

test('what is no statement is refused', () => {
  expect(() => readTree({ name: 'x' })).toThrow(/Invalid input/)
})
