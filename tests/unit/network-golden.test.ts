import { loadTensorflow } from '../../lib/engines/load-tfjs.ts';
import { checkGoldens } from '../golden/check-goldens.ts';

await checkGoldens(loadTensorflow, 1e-4);
