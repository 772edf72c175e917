/** Style sheets that come along with the scripts. */
declare module "*.css";
