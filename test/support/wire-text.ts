/**
 * A decoded message as one line of text that TypeScript and C++ (native/test/wire_text.h) both write: fields in schema order,
 * {struct}, [array], 'string and #bytes and @uuid in hexadecimal, ~ for null.
 */
import { toHex, utf8 } from '../../src/base/bytes.ts';
import { type Uuid, uuidToBytes } from '../../src/base/uuid.ts';
import type { Fields, Message, Node } from '../../src/protocol/schema.ts';

export const textOf = (message: Message<Fields>, value: unknown): string =>
  textOfNode({ kind: 'struct', fields: message.fields }, value);

function textOfNode(node: Node, value: unknown): string {
  if (value === null) return '~';
  switch (node.kind) {
    case 'string':
      return `'${toHex(utf8(value as string))}`;
    case 'bytes':
    case 'records':
      return `#${toHex(value as Uint8Array)}`;
    case 'uuid':
      return `@${toHex(uuidToBytes(value as Uuid))}`;
    case 'array':
      return `[${(value as readonly unknown[]).map(item => textOfNode(node.of, item)).join(',')}]`;
    case 'struct': {
      const of = value as Record<string, unknown>;
      return `{${Object.entries(node.fields)
        .map(([key, field]) => textOfNode(field.life.node, of[key]))
        .join(',')}}`;
    }
    default:
      return String(value);
  }
}
