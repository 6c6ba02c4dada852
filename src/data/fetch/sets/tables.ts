/** Tables, counts and signals: Amazon reviews, gas sensors, indoor movement, Adult. */
import { makeMovement } from "../make/movement.ts";
import { type DataSet, onGitHub, type RemoteFile, remoteFile } from "../set.ts";

const ofGraal = (name: string): string =>
  onGitHub(
    "GRAAL-Research/domain_adversarial_neural_network",
    "74eec5e0ae06bd6614bce048abba492c16a633e3",
    `data/${name}.svmlight`,
  );

const reviews = (name: string, bytes: number, sha256: string): RemoteFile =>
  remoteFile(`${name}.svmlight.gz`, [bytes, sha256], ofGraal(name));

export const amazonReviews: DataSet = {
  name: "amazon-reviews",
  what: "sentiment of reviews in 4 domains, 2,000 + 3,586 to 5,945 each, 2 classes, 5,000 word counts",
  licence: {
    name: "BSD-2-Clause repository, data for research",
    terms: "research",
    text: "Data of Blitzer et al. 2007 in the form of Chen et al. 2012, for research; the repository is BSD-2-Clause.",
  },
  home: "https://github.com/GRAAL-Research/domain_adversarial_neural_network",
  remote: [
    reviews("books_test", 2_426_071, "fe4605c7dcf0e0a9410fd2a32f247caaf9abb352cc6e4c3e0f400853163ad9c4"),
    reviews("books_train", 1_134_070, "317f9a2ec34b81de770b63a84d8c5cc2dc16bd0be6e079d2ff5b5bad5213ea19"),
    reviews("dvd_test", 2_039_832, "4fe1b1a15010f78d8d0c49fe362d35fd4677463a45f1ac02a9f410ae1e638060"),
    reviews("dvd_train", 1_133_356, "95f602aa08bf6b55758f7b0b18df3882fe30acb11987ee60b6b4bb3c44cba733"),
    reviews("electronics_test", 2_461_224, "641783bc941839c3a111d3488a1b7e3bd820a61ec14a129e7429b47703aa961d"),
    reviews("electronics_train", 872_265, "7d0061f03ff3827e4f8036b051b5e5828fddc0cd115aa5b212cd28d624dc14e4"),
    reviews("kitchen_test", 2_280_620, "e1502b97a824eb12314be4447394fa736fecb781c0724e6529cd6733ac7ff6d8"),
    reviews("kitchen_train", 771_076, "a70b5ebfe1413e0e16280360905f5c3b64389c435cd20c0165dc9d7f293b31b5"),
  ],
  made: [],
};

const ofSensors = (number: number): string =>
  onGitHub("BrechtDewilde1/BDProject", "92224f33465d8f76d82d9f3083027675f23b1c18", `data/batch${number}.dat`);

const batch = (number: number, bytes: number, sha256: string): RemoteFile =>
  remoteFile(`batch${number}.dat.gz`, [bytes, sha256], ofSensors(number));

export const gasSensorDrift: DataSet = {
  name: "gas-sensor-drift",
  what: "chemical sensors that drift over 36 months, batches 1-6, 8, 9, 6,697 rows, 6 gases, 128 features",
  licence: {
    name: "CC BY 4.0, authors ask for research use",
    terms: "research",
    text: "UCI Machine Learning Repository, CC BY 4.0; the authors (Vergara et al. 2012) ask for research use only.",
  },
  home: "https://archive.ics.uci.edu/dataset/224 (in a form of its own; batches 7 and 10 are not in the repository)",
  remote: [
    batch(1, 581_027, "2ff13bf02d2156ee01d948a6d46202a6a95855709176d91728339fa510221861"),
    batch(2, 1_640_067, "d6790e1d6344db1cdcbbfecd039b88e98897ae8ad0a5d80a1ac530101f9b0dd1"),
    batch(3, 2_095_686, "21b8564babf75b8b27ac3e9e03537ed44bc217a066f23dba4524af6f6bac29de"),
    batch(4, 214_515, "30939c81857e501ce98aab0e606e2a720a42765189bf5e577c1255dd0b844b07"),
    batch(5, 263_243, "3e2e4c791d1c4afa4c2092ad55e3cd7cdcf664f9e03187ddea102ccf547f5db3"),
    batch(6, 3_013_566, "1d9e32f5e501b0f3e33354b469dd1955ca003614309f3b1e43fb137517ca154b"),
    batch(8, 378_481, "1c6b15628bce7ab0ba8601d1c49864a78d2b283b05c060344704335324131014"),
    batch(9, 604_663, "8deaa13dadb0098d96f0443989baa0a6ba7243a92e5f61f9ad1349a3a0ff087a"),
  ],
  made: [],
};

const ofBrownlee = (name: string): string =>
  onGitHub("jbrownlee/Datasets", "d20fcb6402ae34e653d4513b00f39257bb37ed7f", name);

export const indoorMovement: DataSet = {
  name: "indoor-movement",
  what: "a person's way through 3 pairs of rooms in radio signals, 314 sequences, 2 classes, 4 channels",
  licence: {
    name: "CC BY 4.0",
    terms: "open",
    text: "UCI Machine Learning Repository, CC BY 4.0; cite Bacciu et al. 2014.",
  },
  home: "https://archive.ics.uci.edu/dataset/348",
  remote: [
    remoteFile(
      "IndoorMovement.zip",
      [215_028, "c657ee8635275145b11c9e4ed3b4647b876f8acb638e61e7b1a6a18f27e0472a"],
      ofBrownlee("IndoorMovement.zip"),
    ),
    remoteFile(
      "IndoorMovement.names",
      [5_658, "6cde8b2bcbcc83eac70e4747bee11e39a4a7afc5350d29b99c57805b5e055b05"],
      ofBrownlee("IndoorMovement.names"),
    ),
  ],
  made: [makeMovement(585_334, "3aecaecf59748dd3dcf8e37d0d274eb133958149ee27292088d5d1dcd51161ee")],
};

export const adult: DataSet = {
  name: "adult",
  what: "income in a census, 32,561 + 16,281, 2 classes, 14 columns",
  licence: {
    name: "CC BY 4.0",
    terms: "open",
    text: "B. Becker and R. Kohavi (1996), UCI Machine Learning Repository, CC BY 4.0, https://doi.org/10.24432/C5XW20.",
  },
  home: "https://archive.ics.uci.edu/dataset/2",
  remote: [
    remoteFile(
      "adult-train.csv.gz",
      [3_974_305, "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d"],
      ofBrownlee("adult-train.csv"),
    ),
    remoteFile(
      "adult-test.csv.gz",
      [2_003_132, "72567b94f5c1a6f8501377dd80f93892c3848ff071cf91ba47e00b0785a28074"],
      ofBrownlee("adult-test.csv"),
    ),
    remoteFile(
      "adult.names",
      [5_229, "c248284c0b5de30c9e1958d6cdd168a34a654758b620e68f46aefa83fc0a576a"],
      ofBrownlee("adult.names"),
    ),
  ],
  made: [],
};
