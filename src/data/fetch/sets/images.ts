/** Photographs: BSDS500, German traffic signs, Office-Caltech-10. */
import { makeOfficeFeatures } from "../make/matlab.ts";
import { makePatches } from "../make/patches.ts";
import { makeSigns } from "../make/signs.ts";
import {
  type DataSet,
  inWork,
  knownFile,
  type MadeFiles,
  onGitHub,
  type RemoteFile,
  remoteFile,
  type SetFile,
} from "../set.ts";
import { ofBsds500, photographs } from "./photographs.ts";

export const bsds500: DataSet = {
  name: "bsds500",
  what: "photographs, 200 + 100, and 28x28 crops of them: the backgrounds of MNIST-M",
  licence: {
    name: "non-commercial research and education",
    terms: "research",
    text: "Berkeley Segmentation Data Set: free for non-commercial research and education; cite Arbelaez et al., PAMI 2011.",
  },
  home: "https://github.com/BIDS/BSDS500",
  remote: [
    remoteFile(
      "README-upstream.md",
      [1_472, "0cfe2db16dec860e4931353bd9640149db45be7972e289c18c99eb1fecb36563"],
      ofBsds500("README.md"),
    ),
    ...photographs("train"),
    ...photographs("val"),
  ],
  made: [makePatches("train", photographs("train"), 20), makePatches("val", photographs("val"), 10)],
};

export const gtsrb: DataSet = {
  name: "gtsrb",
  what: "German traffic signs, 6 frames of each of 888 tracks, 5,328, 43 classes, 32x32 RGB",
  licence: {
    name: "free to use with citation",
    terms: "open",
    text: "INI, Ruhr-Universität Bochum: free to use with citation (Stallkamp et al., 2012).",
  },
  home: "https://benchmark.ini.rub.de/gtsrb_news.html",
  remote: [
    {
      path: inWork("GTSRB-Training_fixed.zip"),
      bytes: 187_490_228,
      md5: "513f3c79a4c5141765e10e952eaa2478",
      addresses: ["https://sid.erda.dk/public/archives/daaeac0d7ce1152aea9b61d9f1e19370/GTSRB-Training_fixed.zip"],
    },
  ],
  made: [
    makeSigns(inWork("GTSRB-Training_fixed.zip"), {
      labels: [5_336, "5b48c8b5df83825be192630e406d17171d223ce1c4754cd40dc4afa9b0edd866"],
      index: [100_378, "8c943e6a61fb74b4e3243b6dc4aae510cb3083eb1bc29f73b7175327ca4c2dd1"],
    }),
  ],
};

const ofOffice = (path: string): string =>
  onGitHub("redhat12345/OfficeCaltechDomainAdaptation", "74f70487e1b975d1af05bb9a2ecfbf14a7000080", `features/${path}`);

const surf = (name: string, bytes: number, sha256: string): RemoteFile =>
  remoteFile(`surf/${name}.mat`, [bytes, sha256], ofOffice(`surf/${name}.mat`));

const googlenet = (name: string, transfer: number): RemoteFile => ({
  path: inWork(`googlenet1024/${name}.mat`),
  transfer,
  addresses: [ofOffice(`GoogleNet1024/${name}.mat`)],
});

const labels = {
  amazon: [966, "a4efb73976cfa53f4eb6a775a779a0459f82a887995cab4c2faf7022bc7cb1f8"],
  caltech10: [1_131, "e5a4866dd840b4295ef7aec7e6a89a8466164a014b2e8da6425d854bebf3f1c0"],
  dslr: [165, "4e4100c5e8381b2ac45708e0b36da0c6448c323153fea12304230823233d39b5"],
  webcam: [303, "36b94bd010bb2dff56c587112e43cd9254570a01e55fb62963728b0f1dc52660"],
} as const;

const surfRows = (name: keyof typeof labels, bytes: number, sha256: string): MadeFiles =>
  makeOfficeFeatures(`surf/${name}`, `surf/${name}.mat`, "ubyte", { features: [bytes, sha256], labels: labels[name] });

const googlenetRows = (name: keyof typeof labels, bytes: number, sha256: string): MadeFiles =>
  makeOfficeFeatures(`googlenet1024/${name}`, inWork(`googlenet1024/${name}.mat`), "float32", {
    features: [bytes, sha256],
    labels: labels[name],
  });

export const officeCaltech10: DataSet = {
  name: "office-caltech10",
  what: "objects in 4 domains, 958 + 1,123 + 157 + 295, 10 classes: SURF and GoogLeNet features, thumbnails",
  licence: {
    name: "none stated",
    terms: "unstated",
    text: "Saenko et al. 2010, Griffin et al. 2007, Gong et al. 2012; no licence is stated; for research.",
  },
  home: "https://github.com/redhat12345/OfficeCaltechDomainAdaptation",
  remote: [
    surf("amazon", 104_970, "df32548b994e18d364c99e1f317e1fae100597259f0423a41b90f4f68187bb1f"),
    surf("caltech10", 150_751, "4f9334c8ced489d5054de97a5fd51a61f017f3bcd1f38c9a85c6d78cb9d7bda5"),
    surf("dslr", 18_348, "44d673c68e1d07b837893aa74dba3b986e4a6cc3fd66f0dd357683bdef059216"),
    surf("webcam", 32_406, "a6a9c78b4b7181dfbb58bcfd351d4ebd737f171c31247b8884948aa156d3f700"),
    googlenet("amazon", 2_900_000),
    googlenet("dslr", 500_000),
    googlenet("webcam", 1_000_000),
  ],
  made: [
    surfRows("amazon", 766_412, "5f7772ae7720ceaf6893a9ed9e916ed2733b1f84409071ebb34af597266b0033"),
    surfRows("caltech10", 898_412, "e7aaef8aee96beb2b4e0ef5828ad9fc774b39ab4ceac37259c8cc8a89c07196b"),
    surfRows("dslr", 125_612, "908fe4aaf1e33f5fca3ddb8a1f9fdd77816bbe64a587eca1b7f8ca7f66f2d9b6"),
    surfRows("webcam", 236_012, "7b23eb5f671ccecf0775ea8dbb5a3eb1f63fb07de36ccd616eae05b3790f9d8a"),
    googlenetRows("amazon", 3_923_980, "087c6a5a8df6b186e94b1f42a2e01587201c42a72589d7e64facbc22ac2426b7"),
    googlenetRows("dslr", 643_084, "4f2f5330e5abd5ebe39a91b974bb9b2b3e4973e03d845f1b9595c924bae5e6df"),
    googlenetRows("webcam", 1_208_332, "ce672e3f10e89248079eb4572b16db1eead842f7fc59745d43b578c47bfc36b1"),
  ],
  byHand: {
    why: "the thumbnails are 2,533 photographs squeezed to 32x32, and no home has them as such",
    files: [
      thumbnails("amazon", 2_942_996, "99d647de747cde27f6091db9b872b1b6c1096e638b6142f593d42959811dc1bd"),
      thumbnails("caltech10", 3_449_876, "78dfbfe67f41879c0802536d4ee6a136f40ac12327c1319ec869fbd3eb06fe8f"),
      thumbnails("dslr", 482_324, "50556531348dc933f611b5aaa6f94fabf201b8a79b80b7c34ec4324ce50f2d10"),
      thumbnails("webcam", 906_260, "ba6fe16ec9382c267064052ea9abfbe44e83d7bb29c1d96911152f1f974834bf"),
    ].flat(),
  },
};

function thumbnails(name: keyof typeof labels, bytes: number, sha256: string): SetFile[] {
  return [
    { path: `images32/${name}-images-idx4-ubyte.gz`, bytes, sha256 },
    knownFile(`images32/${name}-labels-idx1-ubyte.gz`, labels[name]),
  ];
}
