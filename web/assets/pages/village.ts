// The village's home reads its one paper aloud.
import { reading } from "../aloud";

reading();
