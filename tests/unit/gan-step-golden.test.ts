import { loadTensorflow } from '../../lib/engines/load-tfjs.ts';
import { checkGanStep } from '../golden/gan-step/check-step.ts';

await checkGanStep(loadTensorflow, 1e-4);
