import { createOnnxEngine } from '../../lib/engines/onnx.ts';
import { checkEngine } from './check-engine.ts';

checkEngine(await createOnnxEngine(), 1e-5);
